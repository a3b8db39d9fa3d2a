import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { channelNames, channels, type JsonChannelName, type Payload } from './channels.ts';
import { chunkStatuses, decodeChunk, encodeChunk } from './chunk.ts';
import { decode, encode } from './codec.ts';

const health: Payload<'health'> = {
  v: 1,
  boot: '0123456789abcdef',
  seq: 7,
  at: '2026-10-14T10:00:00.000Z',
  uptimeS: 12,
  framesPerSecond: 12,
  droppedFrames: 0,
  fruits: 3,
  missedDeadlines: 0,
  latencyMs: { p50: 8, p99: 20 },
  cpuPercent: 4,
  rssMb: 120,
  temperatureC: null,
  diskFreeMb: 1000,
  outboxDepth: 0,
  outboxDropped: 0,
  rejectedMessages: 0,
};
const jsonChannels = channelNames.filter((name) => channels[name].schema !== undefined) as JsonChannelName[];

describe('decode', () => {
  it('returns what was encoded', () => {
    expect(decode('health', encode('health', health))).toEqual({ ok: true, value: health });
  });

  it('ignores unknown fields', () => {
    const bytes = Buffer.from(JSON.stringify({ ...health, extra: 1 }));
    expect(decode('health', bytes).ok).toBe(true);
  });

  it('names the field that does not fit', () => {
    const bytes = Buffer.from(JSON.stringify({ ...health, seq: -1 }));
    expect(decode('health', bytes)).toMatchObject({
      ok: false,
      cause: 'schema',
      detail: expect.stringContaining('/seq'),
    });
  });

  it.each(jsonChannels)('refuses one byte over the limit of %s', (name) => {
    const bytes = Buffer.alloc(channels[name].maxBytes + 1, ' ');
    expect(decode(name, bytes)).toMatchObject({ ok: false, cause: 'oversized' });
  });

  it.each(jsonChannels)('never throws on any bytes of %s', (name) => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 64 }), fc.json().map(Buffer.from)), (bytes) => {
        expect(decode(name, bytes).ok).toBe(false);
      }),
    );
  });

  it('refuses bytes that are not UTF-8', () => {
    expect(decode('ack', Buffer.from([0x22, 0xff, 0x22]))).toMatchObject({ ok: false, cause: 'not-json' });
  });
});

describe('encode', () => {
  it('throws on a value that does not fit', () => {
    expect(() => encode('health', { ...health, boot: 'x' })).toThrow(/health: \/boot/);
  });
});

describe('chunk', () => {
  it('decodes what was encoded', () => {
    fc.assert(
      fc.property(
        fc.record({
          status: fc.constantFrom(...chunkStatuses),
          id: fc.nat(0xffffffff),
          index: fc.nat(0xffffffff),
          chunkBytes: fc.nat(0xffffffff),
          totalBytes: fc.maxSafeNat(),
          data: fc.uint8Array({ maxLength: 100 }),
        }),
        (chunk) => {
          const decoded = decodeChunk(encodeChunk(chunk));
          expect({ ...decoded, data: [...(decoded?.data ?? [])] }).toEqual({
            ...chunk,
            data: [...chunk.data],
          });
        },
      ),
    );
  });

  it('refuses a short header, another version and an unknown status', () => {
    const good = encodeChunk({
      status: 'data',
      id: 1,
      index: 0,
      chunkBytes: 1024,
      totalBytes: 1,
      data: Uint8Array.of(9),
    });
    expect(decodeChunk(good.subarray(0, 23))).toBeUndefined();
    expect(decodeChunk(Buffer.from(good).fill(2, 0, 1))).toBeUndefined();
    expect(decodeChunk(Buffer.from(good).fill(9, 1, 2))).toBeUndefined();
  });
});
