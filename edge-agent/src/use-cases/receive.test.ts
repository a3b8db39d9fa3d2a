import { channels, encode, encodeChunk } from '@pomona/wire';
import { describe, expect, it } from 'vitest';
import { Rejections } from '../domain/rejections.ts';
import { sampleAt, sampleBoot } from '../testing/sample-records.ts';
import { createReceive } from './receive.ts';

function build() {
  const heard: unknown[] = [];
  const said: string[] = [];
  const rejections = new Rejections();
  const take = (value: unknown) => heard.push(value);
  const receive = createReceive({ ack: take, desired: take, chunk: take }, rejections, (channel, cause) =>
    said.push(`${channel} ${cause}`),
  );
  return { heard, said, rejections, receive };
}

describe('receive', () => {
  it('passes on what is well formed', () => {
    const { heard, receive, rejections } = build();
    const ack = { v: 1 as const, boot: sampleBoot, at: sampleAt, ranges: [[0, 3]] as [number, number][] };
    const envelope = { payloadType: 'x', payload: '', signatures: [{ keyid: 'a', sig: 'b' }] };
    const chunk = { status: 'data', id: 1, index: 2, chunkBytes: 1_024, totalBytes: 3_000 } as const;
    receive('ack', encode('ack', ack));
    receive('desired', encode('desired', envelope));
    receive('transfer/chunk', encodeChunk({ ...chunk, data: Buffer.from('abc') }));
    expect(heard).toEqual([ack, envelope, { ...chunk, data: Buffer.from('abc') }]);
    expect(rejections.total).toBe(0);
  });

  it.each(['ack', 'desired', 'transfer/chunk'] as const)(
    'counts what is wrong on %s, says it once per cause, and lives',
    (channel) => {
      const { heard, said, receive, rejections } = build();
      const bad = [
        Buffer.alloc(channels[channel].maxBytes + 1, 0x20),
        Buffer.from('not json'),
        Buffer.from([0xff, 0xfe]),
        Buffer.from('{"v":1}'),
        Buffer.from('null'),
        Buffer.from('[]'),
        Buffer.alloc(0),
        Buffer.from('{"__proto__":{"v":1}}'),
      ];
      for (let round = 0; round < 3; round++) for (const bytes of bad) receive(channel, bytes);
      expect(heard).toEqual([]);
      expect(rejections.total).toBe(3 * bad.length);
      expect(new Set(said).size).toBe(said.length);
      expect(said).toContain(`${channel} oversized`);
      expect(rejections.of(channel, 'oversized')).toBe(3);
    },
  );
});
