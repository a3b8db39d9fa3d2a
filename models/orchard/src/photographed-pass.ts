import { randomBetween, randomInt, seededRandom } from '@pomona/wire';
import type { CutOut, PhotographedFruit } from './photographed-fruit.ts';

/** A photographed fruit that rolls down the line once. */
export interface PhotographedPass {
  readonly fruit: PhotographedFruit;
  /** One of its turns. */
  readonly frames: readonly CutOut[];
  /** Where in the turn it is as it leaves the view, 0 to 1. */
  readonly phase: number;
}

/** Fruit number `id` of a line that shows each as often as the others; undefined where there are none. */
export function passByChance(
  fruits: readonly PhotographedFruit[],
  seed: number,
  id: number,
): PhotographedPass | undefined {
  const random = seededRandom(seed, `photographed-${id}`);
  const fruit = fruits[randomInt(random, fruits.length)];
  if (fruit === undefined) return undefined;
  const frames = fruit.turns[randomInt(random, fruit.turns.length)]!;
  return { fruit, frames, phase: random.next() };
}

/** Every turn of every fruit, once from each of its frames. */
export function everyStart(fruits: readonly PhotographedFruit[]): PhotographedPass[] {
  return fruits.flatMap((fruit) =>
    fruit.turns.flatMap((frames) =>
      frames.map((_, at) => ({ fruit, frames, phase: (at + 0.5) / frames.length })),
    ),
  );
}

/** Nobody measured it; but a fruit is as large whenever it passes. */
export function photographedDiameterMm({ name }: PhotographedFruit, seed: number): number {
  return randomBetween(seededRandom(seed, `photographed-size-${name}`), 66, 84);
}
