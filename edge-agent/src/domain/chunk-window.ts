/**
 * Decides which chunks of one file to ask for next. A bounded number is under way; what does not come in time, was
 * refused or arrived damaged is asked for again, later with each attempt.
 *
 * How many are under way follows the link, after the idea of LEDBAT (RFC 6817): as long as a chunk takes little longer than the
 * quickest one did, the link has room and one more is asked for; when it takes much longer, chunks stand in a queue somewhere and
 * one fewer is. So a slow link holds few that could be asked for twice, and a fast one far away is filled. Patience is that of
 * TCP (RFC 6298): what chunks took of late, and four times their spread; of a chunk that was asked for twice nobody knows which
 * answer came, so it says nothing.
 */
export interface ChunkLimits {
  /** Bytes under way: enough to fill a mobile link, little enough for a broker's queue. */
  readonly windowBytes: number;
  /** What a transfer begins with. */
  readonly startBytes: number;
  readonly timeoutMs: number;
  readonly timeoutMaxMs: number;
  /** A chunk that comes damaged this often makes the file fail. */
  readonly damagedMax: number;
}

export const chunkLimits: ChunkLimits = {
  windowBytes: 1024 * 1024,
  startBytes: 64 * 1024,
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

/** Beyond twice the quickest, what a busy machine or broker may take. */
const slackMs = 500;

interface Wanted {
  askedMs: number;
  dueMs: number;
  attempts: number;
  damaged: number;
}

/** Of a second: what is asked for at once under a cap. */
const askedAtOnceS = 0.25;

/** How many chunks may be asked for at once by a cap of so many thousand bits a second; without one any number. */
export function chunksAtOnce(kbitPerSMax: number | undefined, chunkBytes: number): number {
  if (kbitPerSMax === undefined) return Number.POSITIVE_INFINITY;
  return Math.max(1, Math.floor((kbitPerSMax * 125 * askedAtOnceS) / chunkBytes));
}

export class ChunkWindow {
  readonly #limits: ChunkLimits;
  readonly #windowMax: number;
  #windowCount: number;
  #quickestMs = Number.POSITIVE_INFINITY;
  /** Mean and spread of what chunks took, as RFC 6298 smooths them; undefined before the first. */
  #took: { readonly meanMs: number; readonly spreadMs: number } | undefined;
  readonly #wanted: Map<number, Wanted>;
  /** Of those, what was asked for and neither came nor was refused: few, however large the file. */
  readonly #asked = new Set<Wanted>();

  constructor(missing: Iterable<number>, chunkBytes: number, limits: ChunkLimits = chunkLimits) {
    this.#limits = limits;
    this.#windowMax = Math.max(1, Math.floor(limits.windowBytes / chunkBytes));
    this.#windowCount = Math.min(this.#windowMax, Math.max(1, Math.floor(limits.startBytes / chunkBytes)));
    this.#wanted = new Map([...missing].map((index) => [index, newWanted()]));
  }

  get done(): boolean {
    return this.#wanted.size === 0;
  }

  wants(index: number): boolean {
    return this.#wanted.has(index);
  }

  /**
   * Runs of neighbours to ask for now, at most so many chunks; they are under way from then on. Empty while most of the
   * window is under way.
   */
  next(nowMs: number, countMax = Number.POSITIVE_INFINITY): ChunkRun[] {
    let underWay = this.#underWay(nowMs);
    if (underWay > this.#windowCount / 2) return [];
    const underWayMax = Math.min(this.#windowCount, underWay + countMax);
    const runs: { from: number; count: number }[] = [];
    for (const [index, chunk] of this.#wanted) {
      if (underWay >= underWayMax) break;
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
    for (const chunk of mayAsk ? this.#wanted.values() : this.#asked) {
      if (mayAsk || chunk.dueMs > nowMs) dueMs = Math.min(dueMs, chunk.dueMs);
      if (dueMs === Number.NEGATIVE_INFINITY) break;
    }
    return dueMs;
  }

  received(index: number, nowMs: number): void {
    const chunk = this.#wanted.get(index);
    this.#wanted.delete(index);
    if (chunk && this.#asked.delete(chunk) && chunk.attempts === 1)
      this.#learn(Math.max(0, nowMs - chunk.askedMs));
  }

  #learn(tookMs: number): void {
    this.#quickestMs = Math.min(this.#quickestMs, tookMs);
    const hasRoom = tookMs <= 2 * this.#quickestMs + slackMs;
    this.#windowCount = Math.min(this.#windowMax, Math.max(1, this.#windowCount + (hasRoom ? 1 : -1)));
    const { meanMs, spreadMs } = this.#took ?? { meanMs: tookMs, spreadMs: tookMs / 2 };
    this.#took = {
      meanMs: meanMs + (tookMs - meanMs) / 8,
      spreadMs: spreadMs + (Math.abs(tookMs - meanMs) - spreadMs) / 4,
    };
  }

  /** How long a chunk may take that is asked for the first time. */
  #patienceMs(): number {
    const { timeoutMs, timeoutMaxMs } = this.#limits;
    if (!this.#took) return timeoutMs;
    const { meanMs, spreadMs } = this.#took;
    return Math.min(timeoutMaxMs, Math.max(timeoutMs, meanMs + 4 * spreadMs));
  }

  /** Returns false when it came damaged too often. */
  damaged(index: number): boolean {
    const chunk = this.#wanted.get(index);
    if (chunk === undefined) return true;
    chunk.damaged++;
    chunk.dueMs = Number.NEGATIVE_INFINITY;
    this.#asked.delete(chunk);
    return chunk.damaged < this.#limits.damagedMax;
  }

  /** The other side is busy: what is under way is asked for again after a pause. */
  refused(nowMs: number, pauseMs: number): void {
    for (const chunk of this.#asked) chunk.dueMs = nowMs + pauseMs;
    this.#asked.clear();
  }

  /** Nothing that was asked for on a lost connection will come. */
  linkLost(): void {
    this.#asked.clear();
    for (const chunk of this.#wanted.values()) {
      chunk.attempts = 0;
      chunk.dueMs = Number.NEGATIVE_INFINITY;
    }
  }

  #depart(chunk: Wanted, nowMs: number): void {
    const { timeoutMaxMs } = this.#limits;
    this.#asked.add(chunk);
    chunk.askedMs = nowMs;
    chunk.dueMs = nowMs + Math.min(this.#patienceMs() * 2 ** Math.min(chunk.attempts, 16), timeoutMaxMs);
    chunk.attempts++;
  }

  #underWay(nowMs: number): number {
    let count = 0;
    for (const chunk of this.#asked) if (chunk.dueMs > nowMs) count++;
    return count;
  }
}

function newWanted(): Wanted {
  return { askedMs: 0, dueMs: Number.NEGATIVE_INFINITY, attempts: 0, damaged: 0 };
}
