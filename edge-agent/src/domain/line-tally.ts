/** What was graded since the agent started and since somebody began a lot, and how fast. Times are monotonic milliseconds. */
import type { FruitRecord } from '@pomona/wire';
import { RecentValues } from './recent-values.ts';

/** Fruit that passed while grading was paused has no grade and is counted by itself. */
export interface Tally {
  readonly forMs: number;
  readonly fruits: number;
  readonly grades: readonly { readonly grade: string; readonly count: number }[];
  readonly late: number;
  readonly unseen: number;
  readonly paused: number;
}

interface Counts {
  readonly beganAtMs: number;
  readonly grades: Map<string, number>;
  late: number;
  unseen: number;
  paused: number;
}

const rateMs = 60_000;
/** More fruit a minute than any line of 16 lanes carries. */
const rateFruitsMax = 16_384;
/** Grades come with models; a few of them in one run of an agent are many. */
const gradesMax = 64;

export class LineTally {
  readonly #startedAtMs: number;
  readonly #recent = new RecentValues(rateMs, rateFruitsMax);
  #start: Counts;
  #lot: Counts;

  constructor(nowMs: number) {
    this.#startedAtMs = nowMs;
    this.#start = none(nowMs);
    this.#lot = none(nowMs);
  }

  count(grade: string, outcome: FruitRecord['outcome'], nowMs: number): void {
    this.#recent.add(nowMs, 1);
    for (const counts of [this.#start, this.#lot]) {
      if (outcome === 'paused') counts.paused++;
      else if (counts.grades.has(grade) || counts.grades.size < gradesMax)
        counts.grades.set(grade, (counts.grades.get(grade) ?? 0) + 1);
      if (outcome === 'late') counts.late++;
      else if (outcome === 'unseen') counts.unseen++;
    }
  }

  beginLot(nowMs: number): void {
    this.#lot = none(nowMs);
  }

  sinceStart(nowMs: number): Tally {
    return tallyOf(this.#start, nowMs);
  }

  ofLot(nowMs: number): Tally {
    return tallyOf(this.#lot, nowMs);
  }

  /** Over the last minute, or since the start. */
  fruitsPerMinute(nowMs: number): number {
    const ms = Math.min(rateMs, Math.max(1_000, nowMs - this.#startedAtMs));
    return Math.round((this.#recent.sorted(nowMs).length * 60_000) / ms);
  }
}

function none(beganAtMs: number): Counts {
  return { beganAtMs, grades: new Map(), late: 0, unseen: 0, paused: 0 };
}

function tallyOf({ beganAtMs, grades, late, unseen, paused }: Counts, nowMs: number): Tally {
  const list = [...grades].map(([grade, count]) => ({ grade, count }));
  const fruits = list.reduce((sum, { count }) => sum + count, paused);
  return { forMs: Math.round(nowMs - beganAtMs), fruits, grades: list, late, unseen, paused };
}
