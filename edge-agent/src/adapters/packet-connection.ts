/**
 * A TLS connection whose incoming bytes come by whole MQTT packets (3.1.1, section 2.2: a type byte, then the remaining
 * length in 1 to 4 bytes of 7 bits). A chunk of a release comes in several TLS records: each is copied once, from a buffer
 * that all share to its place in the packet. As they come, the library would keep a buffer for each and copy
 * them together. A packet over the limit ends the connection before it is collected.
 */
import { isIP, type TcpNetConnectOpts } from 'node:net';
import { Duplex } from 'node:stream';
import { type ConnectionOptions, connect, type SecureContext, type TLSSocket } from 'node:tls';
import { AppError } from '@pomona/wire';

/** One record decrypted: TLS allows no more. */
const recordBytesMax = 16_384;
/** Packets that the library has not taken yet, before the connection is read no further. */
const readAheadBytes = 256 * 1024;
const portDefault = 8_883;
/** Of all connections: what a record brings is copied before anything else can happen. */
const record = Buffer.allocUnsafeSlow(recordBytesMax);

export interface PacketConnectionOptions {
  readonly url: string;
  readonly secureContext: SecureContext;
  readonly packetBytesMax: number;
}

export class PacketConnection extends Duplex {
  readonly #socket: TLSSocket;
  readonly #packetBytesMax: number;
  /** Type and length of the packet that comes, as far as they are there. */
  readonly #head: number[] = [];
  #packet: Buffer | undefined;
  #filled = 0;

  constructor({ url, secureContext, packetBytesMax }: PacketConnectionOptions) {
    super({ readableHighWaterMark: readAheadBytes, allowHalfOpen: false });
    this.#packetBytesMax = packetBytesMax;
    const { hostname, port } = new URL(url);
    const host = hostname.replace(/^\[|\]$/g, '');
    // The types of Node 20 do not know that `tls.connect` passes `onread` on; `noDelay` it does not.
    const options: ConnectionOptions & Pick<TcpNetConnectOpts, 'onread'> = {
      ...{ host, port: Number(port || portDefault), secureContext },
      ...(isIP(host) === 0 ? { servername: host } : {}),
      onread: { buffer: record, callback: (bytes) => this.#take(record.subarray(0, bytes)) },
    };
    this.#socket = connect(options);
    this.#socket.setNoDelay(true);
    this.#socket.once('end', () => this.push(null));
    this.#socket.once('error', (error) => this.destroy(error));
    this.#socket.once('close', () => this.destroy());
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk, done);
  }

  /** The fields of a packet in one record. */
  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.#socket.write(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }

  /** False when enough waits to be taken. */
  #take(bytes: Buffer): boolean {
    let hasRoom = true;
    for (let at = 0; at < bytes.byteLength; ) {
      if (this.#packet === undefined) {
        if (!this.#begin(bytes[at++]!)) return false;
      } else {
        const copied = bytes.copy(this.#packet, this.#filled, at);
        at += copied;
        this.#filled += copied;
      }
      if (this.#packet === undefined || this.#filled < this.#packet.byteLength) continue;
      hasRoom = this.push(this.#packet);
      this.#packet = undefined;
    }
    return hasRoom;
  }

  /** Of a byte of the type and length; false when the packet may not come. */
  #begin(byte: number): boolean {
    const head = this.#head;
    head.push(byte);
    if (head.length === 1 || (byte >= 0x80 && head.length < 5)) return true;
    const bytes = head.slice(1).reduceRight((length, digits) => length * 128 + (digits & 0x7f), 0);
    if (byte >= 0x80 || bytes > this.#packetBytesMax) {
      this.destroy(oversized(this.#packetBytesMax));
      return false;
    }
    this.#packet = Buffer.allocUnsafe(head.length + bytes);
    this.#packet.set(head);
    this.#filled = head.length;
    head.length = 0;
    return true;
  }
}

function oversized(bytesMax: number): AppError {
  return new AppError('mqtt-packet-oversized', `the broker sent a packet of more than ${bytesMax} bytes`, {
    hint: 'See that the station’s broker is that of its control plane, and of the same version.',
  });
}
