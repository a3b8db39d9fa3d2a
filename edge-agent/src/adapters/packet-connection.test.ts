import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { createSecureContext, createServer, type Server, type TLSSocket } from 'node:tls';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestAuthority, type TestAuthority } from '../testing/test-authority.ts';
import { PacketConnection } from './packet-connection.ts';

const packetBytesMax = 100_000;

let authority: TestAuthority;
let tls: { key: string; cert: string };
let server: Server;
let connection: PacketConnection;
let broker: TLSSocket;

beforeAll(async () => {
  authority = await createTestAuthority();
  tls = await authority.issueServer();
});
beforeEach(async () => {
  server = createServer(tls);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `mqtts://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const secureContext = createSecureContext({ ca: authority.certificatePem });
  connection = new PacketConnection({ url, secureContext, packetBytesMax });
  [broker] = (await once(server, 'secureConnection')) as [TLSSocket];
  broker.setNoDelay(true);
});
afterEach(async () => {
  connection.destroy();
  broker.destroy();
  await new Promise((resolve) => server.close(resolve));
});

/** A type byte, the remaining length in 7 bits a byte, and so many bytes. */
function packet(bytes: number, of = 1): Buffer {
  const length: number[] = [];
  for (let left = bytes; length.length === 0 || left > 0; left = Math.floor(left / 128))
    length.push((left % 128) | (left >= 128 ? 0x80 : 0));
  return Buffer.concat([Buffer.from([0x30, ...length]), Buffer.alloc(bytes, of)]);
}

describe('PacketConnection', () => {
  it('gives whole packets, wherever they were cut', async () => {
    const packets = [packet(2), packet(0), packet(127), packet(128, 2), packet(40_000, 3), packet(1, 4)];
    const came: Buffer[] = [];
    connection.on('data', (bytes: Buffer) => came.push(bytes));
    const sent = Buffer.concat(packets);
    // The first packets byte by byte, so that type and length are cut too.
    for (let at = 0; at < sent.byteLength; ) {
      const piece = sent.subarray(at, at + (at < 300 ? 1 : 7_001));
      await new Promise((resolve) => broker.write(piece, resolve));
      at += piece.byteLength;
    }
    broker.end();
    await once(connection, 'end');
    expect(came.map((bytes) => bytes.byteLength)).toEqual(packets.map((bytes) => bytes.byteLength));
    expect(Buffer.concat(came).equals(sent)).toBe(true);
  });

  it('loses nothing that nobody took in time, and does not keep all of it', async () => {
    const sent = Buffer.concat(Array.from({ length: 400 }, (_, i) => packet(60_000, i)));
    broker.end(sent);
    await once(connection, 'readable');
    await new Promise((resolve) => setImmediate(resolve));
    expect(connection.readableLength).toBeLessThan(sent.byteLength / 10);
    expect((await buffer(connection)).equals(sent)).toBe(true);
  });

  it.each([
    ['is larger than allowed', packet(packetBytesMax + 1).subarray(0, 8)],
    ['has a length of more than four bytes', Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0x7f])],
  ])('ends before it collects a packet that %s', async (_, head) => {
    const whole = packet(packetBytesMax);
    const came: Buffer[] = [];
    connection.on('data', (bytes: Buffer) => came.push(bytes));
    broker.on('error', () => undefined);
    broker.write(Buffer.concat([whole, head]));
    const [error] = await once(connection, 'error');
    expect(error.code).toBe('mqtt-packet-oversized');
    expect(Buffer.concat(came).equals(whole)).toBe(true);
  });

  it('writes the fields of a packet as they were given', async () => {
    const heard: Buffer[] = [];
    broker.on('data', (bytes: Buffer) => heard.push(bytes));
    connection.cork();
    for (const part of ['a', 'bc', 'def']) connection.write(part);
    connection.uncork();
    connection.end();
    await once(broker, 'end');
    expect(Buffer.concat(heard).toString()).toBe('abcdef');
  });
});
