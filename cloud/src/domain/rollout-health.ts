import type { HealthGate } from '@pomona/wire';
import type { Figures, Member } from './rollout-state.ts';

/** Below this many milliseconds more, a latency is as good as before, whatever the factor. */
const latencyFloorMs = 50;

/** Compares a station that has the release with itself before; the first limit it is beyond, in words. */
export function healthTrouble(
  gate: HealthGate,
  member: Member,
  now: Figures,
  nowMs: number,
): string | undefined {
  const { before, after, settledAtMs } = member;
  if (before === null || after === null || settledAtMs === null) return undefined;
  return (
    silence(gate, before, after, now, nowMs - settledAtMs) ??
    latencyTrouble(gate, before, now) ??
    deadlineTrouble(gate, before, after, now) ??
    gradeTrouble(gate, before, after, now)
  );
}

function silence(gate: HealthGate, before: Figures, after: Figures, now: Figures, forMs: number) {
  if (before.fruitsPerSecond === 0 || forMs < gate.silentS * 1_000) return undefined;
  if (sum(now.grades) > sum(after.grades)) return undefined;
  return `has graded no fruit for ${Math.round(forMs / 1_000)} s since it runs the release, and graded ${before.fruitsPerSecond} a second before`;
}

function latencyTrouble(gate: HealthGate, { health: before }: Figures, { health: now }: Figures) {
  if (before === null || now === null || now.fruits < gate.fruitsMin || before.fruits < gate.fruitsMin)
    return undefined;
  const limitMs = Math.max(before.p99Ms * gate.latencyFactor, before.p99Ms + latencyFloorMs);
  if (now.p99Ms <= limitMs) return undefined;
  return `needs ${Math.round(now.p99Ms)} ms for a fruit (99th percentile), ${Math.round(before.p99Ms)} ms before`;
}

function deadlineTrouble(
  gate: HealthGate,
  { health: before }: Figures,
  { health: after }: Figures,
  { health: now }: Figures,
) {
  if (before === null || now === null || before.fruits < gate.fruitsMin) return undefined;
  const since = after?.boot === now.boot ? after : { fruits: 0, missedDeadlines: 0 };
  const fruits = now.fruits - since.fruits;
  if (fruits < gate.fruitsMin) return undefined;
  const was = before.missedDeadlines / before.fruits;
  const is = (now.missedDeadlines - since.missedDeadlines) / fruits;
  if (is <= was + gate.missedShareMore) return undefined;
  return `misses ${percent(is)} of its deadlines, ${percent(was)} before`;
}

function gradeTrouble(gate: HealthGate, before: Figures, after: Figures, now: Figures) {
  const fruitsBefore = sum(before.grades);
  const fruits = sum(now.grades) - sum(after.grades);
  if (fruits < gate.fruitsMin || fruitsBefore < gate.fruitsMin) return undefined;
  for (const grade of Object.keys({ ...before.grades, ...now.grades })) {
    const was = (before.grades[grade] ?? 0) / fruitsBefore;
    const is = ((now.grades[grade] ?? 0) - (after.grades[grade] ?? 0)) / fruits;
    if (Math.abs(is - was) > gate.gradeShareMove)
      return `calls ${percent(is)} of the fruits ${grade}, ${percent(was)} before`;
  }
  return undefined;
}

function sum(grades: Figures['grades']): number {
  return Object.values(grades).reduce((total, count) => total + count, 0);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
