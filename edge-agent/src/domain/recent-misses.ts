import type { GateState } from '@pomona/wire';

type Misses = Pick<GateState, 'late' | 'failed'>;

const windowMs = 600_000;
const stepMs = 10_000;

/** Shots that were missed in the last ten minutes, from counts that only grow. */
export class RecentMisses {
  readonly #before: (Misses & { readonly atMs: number })[] = [];

  of({ late, failed }: Misses, nowMs: number): Misses {
    const before = this.#before;
    if (before.length === 0) before.push({ late: 0, failed: 0, atMs: nowMs });
    if (nowMs - before.at(-1)!.atMs >= stepMs) before.push({ late, failed, atMs: nowMs });
    while (before[1] !== undefined && nowMs - before[1].atMs >= windowMs) before.shift();
    return { late: late - before[0]!.late, failed: failed - before[0]!.failed };
  }
}
