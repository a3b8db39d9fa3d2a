/** What befalls a line while it is watched, and when. */
export const faultNames = [
  'network away',
  'control plane restarted',
  'camera killed',
  'release swapped',
  'disk full',
] as const;
export type Fault = (typeof faultNames)[number];

export interface FaultPlan {
  /** Seconds from one to the next; left out, it never happens. */
  readonly flapS?: number;
  readonly restartS?: number;
  readonly killCameraS?: number;
  readonly fillDiskS?: number;
  /** So many, evenly spread. */
  readonly swaps: number;
}

export class LineFaults {
  readonly #due: { readonly atMs: number; readonly fault: Fault }[];
  readonly counts = new Map<Fault, number>();

  constructor({ flapS, restartS, killCameraS, fillDiskS, swaps }: FaultPlan, lengthMs: number) {
    this.#due = [
      ...every('network away', flapS, lengthMs),
      ...every('control plane restarted', restartS, lengthMs),
      ...every('camera killed', killCameraS, lengthMs),
      ...every('disk full', fillDiskS, lengthMs),
      ...every('release swapped', swaps === 0 ? undefined : lengthMs / 1000 / (swaps + 1), lengthMs),
    ].sort((a, b) => a.atMs - b.atMs);
  }

  /** Those whose time has come, each once. */
  due(spentMs: number): Fault[] {
    const now: Fault[] = [];
    for (let next = this.#due[0]; next !== undefined && next.atMs <= spentMs; next = this.#due[0]) {
      this.#due.shift();
      this.counts.set(next.fault, (this.counts.get(next.fault) ?? 0) + 1);
      now.push(next.fault);
    }
    return now;
  }
}

/** Not at the very end, when nothing would be seen of it any more. */
function every(fault: Fault, everyS: number | undefined, lengthMs: number) {
  if (everyS === undefined) return [];
  const stepMs = everyS * 1000;
  const count = Math.ceil(lengthMs / stepMs) - 1;
  return Array.from({ length: Math.max(0, count) }, (_, i) => ({ atMs: (i + 1) * stepMs, fault }));
}
