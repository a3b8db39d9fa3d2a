import { type FruitRecord, type Random, type Recipe, randomBetween, randomInt } from '@pomona/wire';

/** A fruit that no camera saw, as a line would record it: of any label, most often clearly so. */
export function madeUpFruit(
  {
    seq,
    atMs,
    labels,
    recipe,
  }: {
    readonly seq: number;
    readonly atMs: number;
    readonly labels: readonly string[];
    readonly recipe: Recipe;
  },
  random: Random,
): FruitRecord {
  const chosen = randomInt(random, labels.length);
  const sure = labels.length === 1 ? 1 : round(randomBetween(random, 0.6, 0.99), 3);
  const rest = round((1 - sure) / Math.max(1, labels.length - 1), 4);
  const grade = labels[chosen]!;
  return {
    seq,
    at: new Date(atMs).toISOString(),
    lane: randomInt(random, 2),
    positionMm: round(seq * 100 + randomBetween(random, -10, 10), 1),
    grade,
    gate: recipe.gates.find((each) => each.grade === grade)?.gate ?? 0,
    outcome: 'graded',
    probabilities: labels.map((_, label) => (label === chosen ? sure : rest)),
    views: 5 + randomInt(random, 4),
    diameterMm: round(randomBetween(random, 62, 88), 1),
    colour: [120 + randomInt(random, 100), 40 + randomInt(random, 80), 30 + randomInt(random, 40)],
    latencyMs: round(randomBetween(random, 8, 30), 1),
  };
}

function round(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}
