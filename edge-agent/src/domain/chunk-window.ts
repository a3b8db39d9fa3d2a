/**
 * Decides which chunks of one file to ask for next. A bounded number is under way; what does not come in time, was
 * refused or arrived damaged is asked for again, later with each attempt.
 */
export interface ChunkLimits {
  /** Bytes under way: enough to fill a mobile link, little enough for a broker's queue. */
  readonly windowBytes: number;
  readonly timeoutMs: number;
  readonly timeoutMaxMs: number;
  /** A chunk that comes damaged this often makes the file fail. */
  readonly damagedMax: number;
}

export const chunkLimits: ChunkLimits = {
  windowBytes: 512 * 1024,
  timeoutMs: 10_000,
  timeoutMaxMs: 60_000,
  damagedMax: 5,
};

/** Of one request; the wire allows no more. */
const chunksPerRequestMax = 64;

export interface ChunkRun {
  readonly from: number;
  readonly count: number;
}

interface Wanted {
  dueMs: number;
  attempts: number;
  damaged: number;
  underWay: boolean;
}

export class ChunkWindow {
  readonly #limits: ChunkLimits;
  readonly #windowCount: number;
  readonly #wanted: Map<number, Wanted>;

  constructor(missing: Iterable<number>, chunkBytes: number, limits: ChunkLimits = chunkLimits) {
    this.#limits = limits;
    this.#windowCount = Math.max(1, Math.floor(limits.windowBytes / chunkBytes));
    this.#wanted = new Map([...missing].map((index) => [index, newWanted()]));
  }

  get done(): boolean {
    return this.#wanted.size === 0;
  }

  wants(index: number): boolean {
    return this.#wanted.has(index);
  }

  /** Runs of neighbours to ask for now; they are under way from then on. Empty while most of the window is under way. */
  next(nowMs: number): ChunkRun[] {
    let underWay = this.#underWay(nowMs);
    if (underWay > this.#windowCount / 2) return [];
    const runs: { from: number; count: number }[] = [];
    for (const [index, chunk] of this.#wanted) {
      if (underWay >= this.#windowCount) break;
      if (chunk.dueMs > nowMs) continue;
      this.#depart(chunk, nowMs);
      underWay++;
      const last = runs.at(-1);
      if (last !== undefined && last.from + last.count === index && last.count < chunksPerRequestMax)
        last.count++;
      else runs.push({ from: index, count: 1 });
    }
    return runs;
  }

  /** When `next` may have something although nothing arrives; infinite when all chunks are there. */
  dueMs(nowMs: number): number {
    const mayAsk = this.#underWay(nowMs) <= this.#windowCount / 2;
    let dueMs = Number.POSITIVE_INFINITY;
    for (const chunk of this.#wanted.values()) {
      if (mayAsk || isUnderWay(chunk, nowMs)) dueMs = Math.min(dueMs, chunk.dueMs);
    }
    return dueMs;
  }

  received(index: number): void {
    this.#wanted.delete(index);
  }

  /** Returns false when it came damaged too often. */
  damaged(index: number): boolean {
    const chunk = this.#wanted.get(index);
    if (chunk === undefined) return true;
    chunk.damaged++;
    chunk.dueMs = Number.NEGATIVE_INFINITY;
    chunk.underWay = false;
    return chunk.damaged < this.#limits.damagedMax;
  }

  /** The other side is busy: what is under way is asked for again after a pause. */
  refused(nowMs: number, pauseMs: number): void {
    for (const chunk of this.#wanted.values()) {
      if (!chunk.underWay) continue;
      chunk.underWay = false;
      chunk.dueMs = nowMs + pauseMs;
    }
  }

  /** Nothing that was asked for on a lost connection will come. */
  linkLost(): void {
    for (const chunk of this.#wanted.values()) {
      chunk.underWay = false;
      chunk.attempts = 0;
      chunk.dueMs = Number.NEGATIVE_INFINITY;
    }
  }

  #depart(chunk: Wanted, nowMs: number): void {
    const { timeoutMs, timeoutMaxMs } = this.#limits;
    chunk.underWay = true;
    chunk.dueMs = nowMs + Math.min(timeoutMs * 2 ** Math.min(chunk.attempts, 16), timeoutMaxMs);
    chunk.attempts++;
  }

  #underWay(nowMs: number): number {
    let count = 0;
    for (const chunk of this.#wanted.values()) if (isUnderWay(chunk, nowMs)) count++;
    return count;
  }
}

function isUnderWay(chunk: Wanted, nowMs: number): boolean {
  return chunk.underWay && chunk.dueMs > nowMs;
}

function newWanted(): Wanted {
  return { dueMs: Number.NEGATIVE_INFINITY, attempts: 0, damaged: 0, underWay: false };
}
