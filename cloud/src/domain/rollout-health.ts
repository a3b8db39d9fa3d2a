/**
 * Compares a station that has the release with itself before it and, where lateness is concerned, with the stations that do
 * not have it yet: what they suffer too (a busy machine, a faster belt) is no fault of the release.
 *
 * Lateness is judged by deadlines, since a shot in time is as good as one far ahead of it, and over the newest fruits of
 * the release itself, a thousand at most. The slowest of a few dozen fruits, which is what a 99th percentile over ten
 * seconds is, grows tenfold by a moment in which the board did something else.
 */
import { type HealthGate, type RecentFruits, type ReleaseRef, recentFruitsMax } from '@pomona/wire';
import type { Figures, Member } from './rollout-state.ts';

/** A fruit decided in this part of its time is as good as before, whatever the factor. */
const timeUsedFloor = 0.5;

export interface Circumstances {
  readonly release: ReleaseRef;
  /** Of the stations that were not sent it. */
  readonly others: readonly Figures[];
  /** Of the other stations, with the release or without it, whose fruit was known to the release they had before. */
  readonly knownFruit: () => readonly Figures[];
  readonly nowMs: number;
}

/** The first limit that the station is beyond, in words. */
export function healthTrouble(
  gate: HealthGate,
  member: Member,
  now: Figures,
  circumstances: Circumstances,
): string | undefined {
  const { before, after, settledAtMs } = member;
  if (before === null || after === null || settledAtMs === null) return undefined;
  return (
    silence(gate, before, after, now, circumstances.nowMs - settledAtMs) ??
    lateness(gate, before, now, circumstances) ??
    gradeTrouble(gate, member, now, circumstances)
  );
}

function silence(gate: HealthGate, before: Figures, after: Figures, now: Figures, forMs: number) {
  if (before.fruitsPerSecond === 0 || forMs < gate.silentS * 1_000) return undefined;
  if (sum(now.grades) > sum(after.grades)) return undefined;
  return `has graded no fruit for ${Math.round(forMs / 1_000)} s since it runs the release, and graded ${before.fruitsPerSecond} a second before`;
}

function lateness(gate: HealthGate, before: Figures, now: Figures, { release, others }: Circumstances) {
  const is = enoughFruits(gate, now);
  if (is === undefined || is.release !== release.digest) return undefined;
  const was = enoughFruits(gate, before);
  const elsewhere = others.flatMap((each) => enoughFruits(gate, each) ?? []);
  return deadlineTrouble(gate, is, was, elsewhere) ?? timeTrouble(gate, is, was, elsewhere);
}

function deadlineTrouble(
  gate: HealthGate,
  is: RecentFruits,
  was: RecentFruits | undefined,
  elsewhere: readonly RecentFruits[],
) {
  const share = is.missedDeadlines / is.fruits;
  const known = {
    before: was && was.missedDeadlines / was.fruits,
    elsewhere: median(elsewhere.map(({ missedDeadlines, fruits }) => missedDeadlines / fruits)),
  };
  const most = highest(known);
  if (most === undefined || share <= most + gate.missedShareMore) return undefined;
  return `misses ${percent(share)} of its deadlines, ${inWords(known)}`;
}

function timeTrouble(
  gate: HealthGate,
  { timeUsed: { p95 } }: RecentFruits,
  was: RecentFruits | undefined,
  elsewhere: readonly RecentFruits[],
) {
  const known = {
    before: was?.timeUsed.p95,
    elsewhere: median(elsewhere.map(({ timeUsed }) => timeUsed.p95)),
  };
  const most = highest(known);
  if (most === undefined || p95 <= Math.max(timeUsedFloor, most * gate.latencyFactor)) return undefined;
  return `needs ${percent(p95)} of the time it has for a fruit (95th percentile), ${inWords(known)}`;
}

interface Known {
  readonly before: number | undefined;
  /** At the stations without the release; undefined where there are none. */
  readonly elsewhere: number | undefined;
}

/** Undefined when there is nothing to compare with. */
function highest({ before, elsewhere }: Known): number | undefined {
  const known = [before, elsewhere].filter((each) => each !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}

function inWords({ before, elsewhere }: Known): string {
  return [
    ...(before === undefined ? [] : [`${percent(before)} before`]),
    ...(elsewhere === undefined ? [] : [`${percent(elsewhere)} at the stations without it`]),
  ].join(', ');
}

/** A gate may want more fruits than a station looks back at. */
function enoughFruits({ fruitsMin }: HealthGate, { recent }: Figures): RecentFruits | undefined {
  return recent && recent.fruits >= Math.min(fruitsMin, recentFruitsMax) ? recent : undefined;
}

/**
 * Where the release before did not know the fruit, the new one is there to grade it otherwise: it is in trouble only when it
 * also grades otherwise than the stations do whose fruit was known.
 */
function gradeTrouble(gate: HealthGate, member: Member, now: Figures, { knownFruit }: Circumstances) {
  const before = member.before?.grades ?? {};
  const after = member.after?.grades ?? {};
  const fruitsBefore = gradedOf(before);
  const fruits = gradedOf(now.grades) - gradedOf(after);
  if (fruits < gate.fruitsMin || fruitsBefore < gate.fruitsMin) return undefined;
  for (const grade of Object.keys({ ...before, ...now.grades })) {
    if (grade === 'paused') continue;
    const is = ((now.grades[grade] ?? 0) - (after[grade] ?? 0)) / fruits;
    const was = (before[grade] ?? 0) / fruitsBefore;
    if (Math.abs(is - was) <= gate.gradeShareMove) continue;
    const elsewhere =
      member.wasDrifted === true ? median(sharesOf(grade, knownFruit(), gate.fruitsMin)) : undefined;
    if (elsewhere !== undefined && Math.abs(is - elsewhere) <= gate.gradeShareMove) continue;
    const compared =
      elsewhere === undefined ? '' : `, ${percent(elsewhere)} at stations that knew their fruit`;
    return `calls ${percent(is)} of the fruits ${grade}, ${percent(was)} before${compared}`;
  }
  return undefined;
}

function sharesOf(grade: string, stations: readonly Figures[], fruitsMin: number): readonly number[] {
  return stations
    .filter(({ grades }) => gradedOf(grades) >= fruitsMin)
    .map(({ grades }) => (grades[grade] ?? 0) / gradedOf(grades));
}

function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
}

/** Without the fruit that passed while the operator at the line had paused grading: no release is to blame for it. */
function gradedOf({ paused: _, ...grades }: Figures['grades']): number {
  return sum(grades);
}

function sum(grades: Figures['grades']): number {
  return Object.values(grades).reduce((total, count) => total + count, 0);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
