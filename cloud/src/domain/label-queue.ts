/**
 * Which fruit to label first: what a label of it is likely to teach, as a sum of four shares, and then not too much of one kind in a row.
 * Nothing here is drawn by lot: the same samples and labels give the same queue.
 */
import type { SampleView } from '@pomona/wire';
import type { DriftKind } from './drift-kind.ts';

export interface QueueCandidate {
  readonly id: number;
  /** Of a photograph its group, which no model has seen yet. */
  readonly station: string;
  readonly isPhotograph?: boolean;
  readonly line: string;
  readonly atMs: number;
  readonly reason: SampleView['reason'];
  /** What it was sorted as. */
  readonly grade: string;
  readonly labels: readonly string[];
  readonly probabilities: readonly number[];
  readonly viewVotes: readonly number[] | null;
  /** That ran silently beside the model and gave another grade; null where none did. */
  readonly candidate: { readonly name: string; readonly version: number; readonly grade: string } | null;
}

export interface QueueContext {
  /** Open alerts, and since when. */
  readonly drifts: readonly {
    readonly station: string;
    readonly kind: DriftKind;
    readonly openedAtMs: number;
  }[];
  /** Labels so far, and what the operator at the line corrected lately, by what the fruit was sorted as. */
  readonly labelled: readonly OfGrade[];
  readonly corrected: readonly OfGrade[];
}

export interface OfGrade {
  readonly station: string;
  readonly grade: string;
  readonly count: number;
}

export interface Queued {
  readonly id: number;
  /** 0 to 1. */
  readonly score: number;
  readonly why: readonly string[];
}

/**
 * Shares of the score. A small lead of the best grade over the next is what a label is known to help most with (margin sampling), and is known
 * of every fruit: the largest share. A model is sure of itself far from home (ADR 11), so drift must be able to lift fruit of which it is
 * sure above fruit of usual doubt. Views that disagree, or an operator who corrects, are a second witness against the model. Rarity only
 * decides between like fruit: alone it would fill the queue with whatever nobody needs.
 */
const weights = { uncertainty: 0.35, drift: 0.3, disagreement: 0.25, rarity: 0.1 } as const;

/** A dirty lens or a weak lamp is to be put right, and not to be learnt. */
const driftShares: Readonly<Record<DriftKind, number>> = { model: 1, population: 0.7, camera: 0.2 };
/** An alert comes with the second to fifth window; at a few fruits a second so long ago its first fruit was seen. */
const driftBeganBeforeMs = 15 * 60_000;
/** Below this lead a person is told that the model is unsure. */
const leadUnsure = 0.4;
/** Share of the views that see another grade than most; at half of them the views know nothing. */
const viewsDiffer = 0.2;
/** So many corrections are no slip. */
const correctionsSure = 3;
/** Labels of one grade of one station at which a further one is worth half. */
const labelsHalf = 10;
/** What a minute at a station shows is much the same fruit in the same light: each two more of it count half. */
const perMinute = 2;
/** Fruit that was chosen at random tells how the model does on what it is sure of; no score would ever choose it. */
const randomEvery = 10;

/** At most `countMax`, what helps most first. */
export function queueForLabelling(
  candidates: readonly QueueCandidate[],
  context: QueueContext,
  countMax: number,
): Queued[] {
  const scored = candidates.map((candidate) => ({ ...candidate, ...scoreOf(candidate, context) }));
  const waiting = discountLike(scored);
  const random = waiting.filter(({ reason }) => reason === 'random').sort((a, b) => b.id - a.id);
  const taken = new Set<number>();
  const queue: Scored[] = [];
  while (queue.length < Math.min(countMax, waiting.length)) {
    const isTurnOfRandom = (queue.length + 1) % randomEvery === 0;
    const next = (isTurnOfRandom && random.find(({ id }) => !taken.has(id))) || nextOf(waiting, taken, queue);
    taken.add(next.id);
    queue.push(next);
  }
  return queue.map(({ id, score, why }) => ({ id, score: Math.round(score * 1e4) / 1e4, why }));
}

type Scored = QueueCandidate & { readonly score: number; readonly why: readonly string[] };

/** In the order of what is left of their scores when the fruit of one station and minute counts half after each two. */
function discountLike(scored: readonly Scored[]): readonly Scored[] {
  const before = new Map<string, number>();
  return [...scored]
    .sort((a, b) => b.score - a.score || b.id - a.id)
    .map((sample) => {
      const key = minuteOf(sample);
      const rank = before.get(key) ?? 0;
      before.set(key, rank + 1);
      return { sample, left: sample.score * 0.5 ** Math.floor(rank / perMinute) };
    })
    .sort((a, b) => b.left - a.left || b.sample.id - a.sample.id)
    .map(({ sample }) => sample);
}

/** The next that is not of the station and minute of the last two, unless there is nothing else. */
function nextOf(waiting: readonly Scored[], taken: ReadonlySet<number>, queue: readonly Scored[]): Scored {
  const last = queue.slice(-perMinute).map(minuteOf);
  const isLike = (sample: Scored) =>
    last.length === perMinute && last.every((minute) => minute === minuteOf(sample));
  let first: Scored | undefined;
  for (const sample of waiting) {
    if (taken.has(sample.id)) continue;
    first ??= sample;
    if (!isLike(sample)) return sample;
  }
  return first!;
}

/** Photographs of a group are as alike as the fruit of a minute. */
function minuteOf({ station, atMs, isPhotograph }: QueueCandidate): string {
  if (isPhotograph) return station;
  return `${station}/${Math.floor(atMs / 60_000)}`;
}

function scoreOf(sample: QueueCandidate, context: QueueContext): { score: number; why: string[] } {
  const why: string[] = [];
  const parts = {
    uncertainty: uncertaintyOf(sample, why),
    drift: driftOf(sample, context, why),
    disagreement: Math.max(
      viewsOf(sample, why),
      correctionsOf(sample, context, why),
      candidateOf(sample, why),
    ),
    rarity: rarityOf(sample, context, why),
  };
  if (sample.reason === 'random') why.push('chosen at random, to see how the model does on any fruit');
  if (why.length === 0) why.push('it waits for a label');
  const names = ['uncertainty', 'drift', 'disagreement', 'rarity'] as const;
  return { score: names.reduce((sum, name) => sum + weights[name] * parts[name], 0), why };
}

function uncertaintyOf({ labels, probabilities, isPhotograph }: QueueCandidate, why: string[]): number {
  if (isPhotograph) {
    why.push('a photograph that no model has seen');
    return 1;
  }
  const [best, next] = ranked(labels, probabilities);
  if (best === undefined || next === undefined) return 0;
  const lead = best.value - next.value;
  if (lead < leadUnsure) why.push(`unsure between ${best.label} and ${next.label}`);
  return 1 - lead;
}

function driftOf({ station, line, atMs }: QueueCandidate, { drifts }: QueueContext, why: string[]): number {
  const [drift] = drifts
    .filter((each) => each.station === station && atMs >= each.openedAtMs - driftBeganBeforeMs)
    .sort((a, b) => driftShares[b.kind] - driftShares[a.kind]);
  if (drift === undefined) return 0;
  const place = `${station} on ${line}`;
  const words: Readonly<Record<DriftKind, string>> = {
    model: `the fruit of ${place} is unlike what the model knows`,
    population: `the fruit of ${place} changed`,
    camera: `the pictures of ${place} changed: see to its lens and lamps first`,
  };
  why.push(words[drift.kind]);
  return driftShares[drift.kind];
}

function viewsOf({ labels, viewVotes }: QueueCandidate, why: string[]): number {
  const votes = ranked(labels, viewVotes ?? []).filter(({ value }) => value > 0);
  const total = votes.reduce((sum, { value }) => sum + value, 0);
  if (votes.length < 2) return 0;
  const others = 1 - votes[0]!.value / total;
  if (others >= viewsDiffer)
    why.push(`its views disagree: ${votes.map(({ label, value }) => `${value} look ${label}`).join(', ')}`);
  return Math.min(1, 2 * others);
}

function correctionsOf(
  { station, grade }: QueueCandidate,
  { corrected }: QueueContext,
  why: string[],
): number {
  const count = countOf(corrected, station, grade);
  if (count > 0)
    why.push(
      `the operator at ${station} corrected ${grade} ${count === 1 ? 'once' : `${count} times`} lately`,
    );
  return Math.min(1, count / correctionsSure);
}

/** One of the two models is wrong about it: its label says which. */
function candidateOf({ candidate }: QueueCandidate, why: string[]): number {
  if (candidate === null) return 0;
  why.push(
    `${candidate.name} ${candidate.version}, which is tried beside the model, calls it ${candidate.grade}`,
  );
  return 1;
}

function rarityOf(
  { station, grade, isPhotograph }: QueueCandidate,
  { labelled }: QueueContext,
  why: string[],
): number {
  const count = countOf(labelled, station, grade);
  const which = isPhotograph ? station : `fruit that was sorted ${grade} at ${station}`;
  if (count < labelsHalf) why.push(`few labels of ${which} (${count === 0 ? 'none' : count} so far)`);
  return labelsHalf / (labelsHalf + count);
}

function countOf(counts: readonly OfGrade[], station: string, grade: string): number {
  return counts.find((each) => each.station === station && each.grade === grade)?.count ?? 0;
}

function ranked(labels: readonly string[], values: readonly number[]): { label: string; value: number }[] {
  return labels.map((label, k) => ({ label, value: values[k] ?? 0 })).sort((a, b) => b.value - a.value);
}
