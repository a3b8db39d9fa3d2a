import type { BenchRow } from '@pomona/training';
import { firstDayPhotographs, type PairFigures } from '../domain/session-pairs.ts';

type Kind = 'balancedAccuracy' | 'auc';
type Pairs = readonly PairFigures[];

const kinds = [
  ['balancedAccuracy', 'balanced accuracy'],
  ['auc', 'AUC'],
] as const satisfies readonly (readonly [Kind, string])[];

const peer = 'thumbnail and histogram';
/** On photographs of unseen sessions: who gets more has most likely seen them. */
export const leakMin = 0.95;

/** Means of all seeds, pair by pair, then over all pairs and of the worst one. */
export function pairRows(bySeed: readonly Pairs[], baseline: Pairs): BenchRow[] {
  const means = meansOf(bySeed);
  return kinds.flatMap(([kind, unit]) => [
    ...means.map((each, at) => row(pairName(each, kind), unit, each[kind], baseline[at]![kind])),
    ...summary('', means, baseline, [[kind, unit]]),
  ]);
}

/** Each seed by itself: how far chance goes. */
export function seedRows(bySeed: readonly Pairs[]): BenchRow[] {
  if (bySeed.length < 2) return [];
  return bySeed.flatMap((pairs, at) => summary(`seed ${at + 1}: `, pairs));
}

/**
 * What a packhouse gets that photographed one lot of each grade before it began; `byPair` has for each pair one entry for each
 * choice of a lot, of all seeds, and `baseline` what the plain features learn from the same photographs.
 */
export function firstDayRows(name: string, byPair: readonly Pairs[], baseline: readonly Pairs[]): BenchRow[] {
  const prefix = `${name}, calibrated on ${firstDayPhotographs} photographs: `;
  const unit = 'balanced accuracy';
  return [
    ...summary(prefix, byPair.map(meanOfPairs), baseline.map(meanOfPairs)),
    row(
      `${prefix}worst choice of sessions`,
      unit,
      least(byPair.flat(), 'balancedAccuracy'),
      least(baseline.flat(), 'balancedAccuracy'),
    ),
  ];
}

/** What would explain a figure that is too good. */
export function leakRows(outline: Pairs, twins: number): BenchRow[] {
  const best = outline.reduce((a, b) => (b.balancedAccuracy > a.balancedAccuracy ? b : a));
  const unit = 'balanced accuracy';
  return [
    row('leak: near duplicates in two sessions', 'pairs', twins),
    row('leak: the outline alone, mean of all pairs', unit, mean(outline, 'balancedAccuracy')),
    row(`leak: the outline alone, ${pairOf(best)}`, unit, best.balancedAccuracy),
  ];
}

export function summaryLine(pairs: Pairs): string {
  return kinds
    .map(([kind, unit]) => `${unit} ${mean(pairs, kind).toFixed(3)}, worst ${least(pairs, kind).toFixed(3)}`)
    .join('; ');
}

function summary(
  prefix: string,
  pairs: Pairs,
  baseline?: Pairs,
  which: readonly (readonly [Kind, string])[] = kinds,
): BenchRow[] {
  return which.flatMap(([kind, unit]) => [
    row(`${prefix}mean of all pairs`, unit, mean(pairs, kind), baseline && mean(baseline, kind)),
    row(`${prefix}worst pair`, unit, least(pairs, kind), baseline && least(baseline, kind)),
  ]);
}

function row(name: string, unit: string, value: number, peerValue?: number): BenchRow {
  if (peerValue === undefined) return { name, value, unit, peer: null, peerValue: null, ratio: null };
  return { name, value, unit, peer, peerValue, ratio: value / peerValue };
}

function pairName(pair: PairFigures, kind: Kind): string {
  const suspect = kind === 'balancedAccuracy' && pair.balancedAccuracy > leakMin;
  return `${pairOf(pair)}${suspect ? ` (above ${leakMin}: look for a leak)` : ''}`;
}

function pairOf({ good, bad }: PairFigures): string {
  return `good ${good}, bad ${bad}`;
}

/** Over the seeds, of each pair. */
function meansOf(bySeed: readonly Pairs[]): PairFigures[] {
  return bySeed[0]!.map((_, at) => meanOfPairs(bySeed.map((pairs) => pairs[at]!)));
}

function meanOfPairs(pairs: Pairs): PairFigures {
  return { ...pairs[0]!, balancedAccuracy: mean(pairs, 'balancedAccuracy'), auc: mean(pairs, 'auc') };
}

function mean(pairs: Pairs, kind: Kind): number {
  return pairs.reduce((sum, each) => sum + each[kind], 0) / pairs.length;
}

function least(pairs: Pairs, kind: Kind): number {
  return Math.min(...pairs.map((each) => each[kind]));
}
