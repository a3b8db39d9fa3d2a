import { once } from 'node:events';
import { pipeline, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { PacedBody } from './pace-body.ts';

const body = Buffer.from(Array.from({ length: 100_000 }, (_, i) => i % 251));

describe('a paced body', () => {
  it('is the body, in pieces of 16 KiB that each waited for their turn', async () => {
    const turns: number[] = [];
    let open = 0;
    const paced = new PacedBody(async (bytes) => {
      expect(open++).toBe(0);
      await Promise.resolve();
      open--;
      turns.push(bytes);
    });
    expect((await buffer(Readable.from([body]).pipe(paced))).equals(body)).toBe(true);
    expect(Math.max(...turns)).toBe(16_384);
    expect(turns.reduce((sum, bytes) => sum + bytes, 0)).toBe(body.byteLength);
  });

  it('takes no more turns, and closes what it reads from, once its reader is gone', async () => {
    let turns = 0;
    const source = Readable.from([body, body]);
    const paced = new PacedBody(async () => {
      if (++turns === 2) paced.destroy();
    });
    pipeline(source, paced, () => undefined);
    paced.resume();
    await once(paced, 'close');
    await new Promise(setImmediate);
    expect(turns).toBe(2);
    expect(source.destroyed).toBe(true);
  });

  it('breaks off where there is no turn any more', async () => {
    let turns = 0;
    const paced = new PacedBody(() => {
      if (++turns > 2) throw new Error('quiet hours');
      return undefined;
    });
    await expect(buffer(Readable.from([body, body, body]).pipe(paced))).rejects.toThrow('quiet hours');
    expect(turns).toBe(3);
  });

  it('is passed on as it comes where there is nothing to wait for, and in pieces again once there is', async () => {
    let turns = 0;
    const paced = new PacedBody(() => (++turns > 2 ? Promise.resolve() : undefined));
    const passed: number[] = [];
    paced.on('data', (part: Buffer) => passed.push(part.byteLength));
    Readable.from([body, body, body]).pipe(paced);
    await once(paced, 'end');
    expect(passed.slice(0, 3)).toEqual([100_000, 100_000, 16_384]);
    expect(turns).toBe(2 + Math.ceil(body.byteLength / 16_384));
  });
});
