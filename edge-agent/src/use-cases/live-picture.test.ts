import { describe, expect, it } from 'vitest';
import type { LineQuestion } from '../domain/line-messages.ts';
import { VirtualTime } from '../testing/virtual-time.ts';
import { LivePicture } from './live-picture.ts';

const fruit = [{ lane: 0, xPx: 400, yPx: 10, radiusPx: 20, isDecided: true, isPaused: false, grade: 'ok' }];

function build() {
  const time = new VirtualTime();
  const asked: SharedArrayBuffer[] = [];
  const ask = (question: LineQuestion) => question.kind === 'look' && asked.push(question.pixels);
  const picture = new LivePicture({ width: 800, height: 4 }, { scheduler: time, ask });
  const answer = (value: number) => {
    new Uint8Array(asked.at(-1)!).fill(value);
    picture.hear({ kind: 'looked', seq: 1, fruit });
  };
  return { time, asked, picture, answer };
}

describe('the live picture', () => {
  it('is made only for who waits, once for all of them, five times a second', async () => {
    const { time, asked, picture, answer } = build();
    await time.advance(10_000);
    expect(asked).toHaveLength(0);
    const waiting = [picture.next(0), picture.next(0)];
    await time.advance(0);
    expect(asked).toHaveLength(1);
    answer(7);
    const [first, second] = await Promise.all(waiting);
    expect(first).toBe(second);
    expect(first).toMatchObject({
      id: 1,
      width: 400,
      height: 2,
      fruit: [{ xPx: 200, yPx: 5, radiusPx: 10 }],
    });
    expect(new Set(first!.pixels)).toEqual(new Set([7]));
    // Who comes a moment later gets the same one; who has it waits for the next.
    expect((await picture.next(0))?.id).toBe(1);
    const next = picture.next(1);
    await time.advance(199);
    expect(asked).toHaveLength(1);
    await time.advance(1);
    expect(asked).toEqual([asked[0], asked[0]]);
    answer(9);
    expect((await next)?.id).toBe(2);
  });

  it('lets go of who waits for a line that gives no frame, and asks a worker that was started again', async () => {
    const { time, asked, picture, answer } = build();
    const none = picture.next(0);
    await time.advance(2_000);
    expect(await none).toBeUndefined();
    const again = picture.next(0);
    await time.advance(500);
    // The frame is still owed: the buffer is not lent twice.
    expect(asked).toHaveLength(1);
    picture.hear({ kind: 'ready' });
    await time.advance(200);
    expect(asked).toHaveLength(2);
    expect(asked[1]).not.toBe(asked[0]);
    answer(1);
    expect((await again)?.id).toBe(1);
  });

  it('has a bound on who waits', async () => {
    const { picture } = build();
    const waiting = Array.from({ length: 16 }, () => picture.next(0));
    expect(await picture.next(0)).toBeUndefined();
    picture.stop();
    expect(await Promise.all(waiting)).toEqual(waiting.map(() => undefined));
  });
});
