import { expect, it } from 'vitest';
import { inTurns, startTurnTaker } from './turn-taker.ts';

const { signal } = new AbortController();
const counts =
  'let n = 0; process.stdin.on("data", (lines) => { for (const _ of String(lines)) console.log(n++); });';

it('lets programs measure themselves one after the other, and takes their medians without the first', async () => {
  const order: string[] = [];
  const takers = ['a', 'b'].map((name) => {
    const taker = startTurnTaker(['-e', counts], signal);
    const turn = () => {
      order.push(name);
      return taker.turn();
    };
    return { ...taker, turn };
  });
  expect(await inTurns(takers, 3)).toEqual([2, 2]);
  expect(order.join('')).toBe('abababab');
  await Promise.all(takers.map((taker) => taker.stop()));
});

it('says why a program has no figure', async () => {
  const taker = startTurnTaker(['-e', 'throw new Error("out of paint")'], signal);
  await expect(taker.turn()).rejects.toThrow('out of paint');
  await taker.stop();
});
