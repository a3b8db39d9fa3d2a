/** Fruit of one frame found again in the next: how far did it move in the picture, and how far did the belt say? */
import type { Frame } from '@pomona/grading';
import type { Detection } from './detection.ts';

/** When a frame was taken, and where the belt was. */
export type FrameTime = Pick<Frame, 'encoderMm' | 'capturedAtMs'>;

export interface PictureTravel {
  readonly saidMm: number;
  readonly seenMm: number;
  readonly ms: number;
}

/** Of a fruit, or of what looks like one. */
export interface Place {
  readonly lane: number;
  readonly xMm: number;
}

interface Options {
  /** Length of belt that the camera sees. */
  readonly viewMm: number;
  readonly framesMax: number;
  readonly fruitsMax: number;
}

interface Match {
  /** Of the fruit that should have been found again. */
  readonly share: number;
  readonly expected: number;
  readonly fruits: number;
  readonly travel: PictureTravel;
}

/** So far from where it is expected a fruit is found: less than half of what lies between two small ones. */
const reachMm = { min: 8, share: 0.15, max: 12 };
/** Nearer to the edge it may be cut off already. */
const edgeMm = 15;
/** Frames further apart tell nothing of each other. */
const apartMsMax = 1_000;
const binMm = 4;
/** Of the fruit, so much is found where it is expected: beyond doubt; enough, if no other speed does better by so much. */
const sureShare = 0.9;
const foundShare = 0.7;
const otherAhead = 0.15;
const expectedMin = 6;
/** What is there in so much of the frames stands: fruit that passes is there in a third, also where it touches. */
const standingShare = 0.7;
const fruitsMin = 2;

export class TravelMatches {
  readonly #options: Options;
  /** Rings of frames, and of the fruit in each. */
  readonly #atMs: Float64Array;
  readonly #encoderMm: Float64Array;
  readonly #count: Uint8Array;
  readonly #lane: Uint8Array;
  readonly #xMm: Float64Array;
  readonly #radiusMm: Float64Array;
  /** It was found in the frame before. */
  readonly #isKnown: Uint8Array;
  readonly #bins: Uint32Array;
  #frames = 0;
  #isNew = false;

  constructor(options: Options) {
    const { framesMax, fruitsMax, viewMm } = options;
    this.#options = options;
    this.#atMs = new Float64Array(framesMax);
    this.#encoderMm = new Float64Array(framesMax);
    this.#count = new Uint8Array(framesMax);
    this.#lane = new Uint8Array(framesMax * fruitsMax);
    this.#xMm = new Float64Array(framesMax * fruitsMax);
    this.#radiusMm = new Float64Array(framesMax * fruitsMax);
    this.#isKnown = new Uint8Array(framesMax * fruitsMax);
    this.#bins = new Uint32Array(2 * Math.ceil(viewMm / binMm) + 1);
  }

  /** A frame; false when it comes too soon after the one before. */
  begin({ encoderMm, capturedAtMs: atMs }: FrameTime, stepMinMs: number): boolean {
    const { framesMax } = this.#options;
    const before = this.#frames > 0 ? this.#atMs[(this.#frames - 1) % framesMax]! : Number.NEGATIVE_INFINITY;
    // A camera that was started again may count its time anew.
    if (atMs < before) this.forget();
    else if (atMs - before < stepMinMs) return false;
    const slot = this.#frames++ % framesMax;
    this.#atMs[slot] = atMs;
    this.#encoderMm[slot] = encoderMm;
    this.#count[slot] = 0;
    this.#isNew = true;
    return true;
  }

  /** Of the frame that was begun last. */
  add({ lane, xMm, lengthMm }: Detection): void {
    const { framesMax, fruitsMax } = this.#options;
    const slot = (this.#frames - 1) % framesMax;
    if (this.#count[slot] === fruitsMax) return;
    const at = slot * fruitsMax + this.#count[slot]!++;
    this.#lane[at] = lane;
    this.#xMm[at] = xMm;
    this.#radiusMm[at] = lengthMm / 2;
  }

  forget(): void {
    this.#frames = 0;
    this.#isNew = false;
  }

  /** Over the newest frames; undefined where too little fruit is found again to tell. */
  measure(windowMs: number): PictureTravel | undefined {
    if (!this.#isNew) return undefined;
    this.#isNew = false;
    const pairs = this.#pairs(windowMs);
    const asSaid = this.#match(pairs, (from, to) => this.#encoderMm[to]! - this.#encoderMm[from]!);
    if (asSaid.share >= sureShare && isEnough(asSaid)) return asSaid.travel;
    const speed = this.#likeliestSpeed(pairs);
    if (speed === undefined) return undefined;
    const other = this.#match(pairs, (from, to) => speed * (this.#atMs[to]! - this.#atMs[from]!));
    // In a row of fruit that touches, a wrong step may end on the next one.
    const isOther = other.share >= asSaid.share + otherAhead || !isEnough(asSaid);
    const better = isOther ? other : asSaid;
    return better.share >= foundShare && isEnough(better) ? better.travel : undefined;
  }

  /** Where something has stood over the newest frames. */
  standing(windowMs: number): Place[] {
    const { framesMax, fruitsMax } = this.#options;
    if (this.#frames === 0) return [];
    const newest = (this.#frames - 1) % framesMax;
    const slots: number[] = [];
    for (let i = Math.max(0, this.#frames - framesMax); i < this.#frames; i++) {
      const slot = i % framesMax;
      if (this.#atMs[newest]! - this.#atMs[slot]! <= windowMs) slots.push(slot);
    }
    const isThere = (slot: number, { lane, xMm }: Place): boolean => {
      const nearest = this.#nearest(slot, lane, xMm);
      return nearest !== undefined && Math.abs(this.#xMm[nearest]! - xMm) <= reachMm.min;
    };
    const places = Array.from({ length: this.#count[newest]! }, (_, i): Place => {
      const at = newest * fruitsMax + i;
      return { lane: this.#lane[at]!, xMm: this.#xMm[at]! };
    });
    return places.filter(
      (place) => slots.filter((slot) => isThere(slot, place)).length >= standingShare * slots.length,
    );
  }

  /** Slots of frames that follow each other. */
  #pairs(windowMs: number): [number, number][] {
    const { framesMax, viewMm } = this.#options;
    const pairs: [number, number][] = [];
    const newestMs = this.#atMs[(this.#frames - 1) % framesMax]!;
    for (let i = Math.max(0, this.#frames - framesMax); i < this.#frames - 1; i++) {
      const [from, to] = [i % framesMax, (i + 1) % framesMax];
      const isNear = this.#atMs[to]! - this.#atMs[from]! <= apartMsMax;
      // Further than the view is a count that began anew.
      const isOneCount = Math.abs(this.#encoderMm[to]! - this.#encoderMm[from]!) < viewMm;
      if (newestMs - this.#atMs[from]! <= windowMs && isNear && isOneCount) pairs.push([from, to]);
    }
    return pairs;
  }

  /** Looks for the fruit of each frame in the next, `stepMm` further. */
  #match(
    pairs: readonly (readonly [number, number])[],
    stepMmOf: (from: number, to: number) => number,
  ): Match {
    const { fruitsMax, viewMm } = this.#options;
    let [expected, found, fruits, saidMm, seenMm, ms] = [0, 0, 0, 0, 0, 0];
    this.#isKnown.fill(0);
    for (const [from, to] of pairs) {
      const stepMm = stepMmOf(from, to);
      const reach = Math.min(reachMm.max, Math.max(reachMm.min, reachMm.share * Math.abs(stepMm)));
      const steps: number[] = [];
      for (let i = 0; i < this.#count[from]!; i++) {
        const at = from * fruitsMax + i;
        const xMm = this.#xMm[at]! + stepMm;
        const clearMm = this.#radiusMm[at]! + edgeMm;
        if (xMm < clearMm || xMm > viewMm - clearMm) continue;
        expected++;
        const partner = this.#nearest(to, this.#lane[at]!, xMm);
        if (partner === undefined || Math.abs(this.#xMm[partner]! - xMm) > reach) continue;
        found++;
        if (this.#isKnown[at] === 0) fruits++;
        this.#isKnown[partner] = 1;
        steps.push(this.#xMm[partner]! - this.#xMm[at]!);
      }
      if (steps.length === 0) continue;
      seenMm += medianOf(steps);
      saidMm += this.#encoderMm[to]! - this.#encoderMm[from]!;
      ms += this.#atMs[to]! - this.#atMs[from]!;
    }
    return { share: found / Math.max(1, expected), expected, fruits, travel: { saidMm, seenMm, ms } };
  }

  #nearest(slot: number, lane: number, xMm: number): number | undefined {
    const { fruitsMax } = this.#options;
    let nearest: number | undefined;
    for (let at = slot * fruitsMax; at < slot * fruitsMax + this.#count[slot]!; at++) {
      if (this.#lane[at] !== lane) continue;
      if (nearest === undefined || Math.abs(this.#xMm[at]! - xMm) < Math.abs(this.#xMm[nearest]! - xMm))
        nearest = at;
    }
    return nearest;
  }

  /** That by which most fruit has some fruit of its lane in the next frame, millimetres per millisecond. */
  #likeliestSpeed(pairs: readonly (readonly [number, number])[]): number | undefined {
    const { fruitsMax } = this.#options;
    if (pairs.length === 0) return undefined;
    const usualMs = medianOf(pairs.map(([from, to]) => this.#atMs[to]! - this.#atMs[from]!));
    const bins = this.#bins.fill(0);
    const middle = bins.length >> 1;
    for (const [from, to] of pairs) {
      const scale = usualMs / (this.#atMs[to]! - this.#atMs[from]!) / binMm;
      for (let i = from * fruitsMax; i < from * fruitsMax + this.#count[from]!; i++) {
        for (let j = to * fruitsMax; j < to * fruitsMax + this.#count[to]!; j++) {
          if (this.#lane[i] !== this.#lane[j]) continue;
          const bin = middle + Math.round((this.#xMm[j]! - this.#xMm[i]!) * scale);
          if (bin >= 0 && bin < bins.length) bins[bin]!++;
        }
      }
    }
    const weight = (bin: number): number => (bins[bin - 1] ?? 0) + bins[bin]! + (bins[bin + 1] ?? 0);
    let best = middle;
    for (let bin = 0; bin < bins.length; bin++) if (weight(bin) > weight(best)) best = bin;
    return weight(best) === 0 ? undefined : ((best - middle) * binMm) / usualMs;
  }
}

function isEnough({ expected, fruits }: Match): boolean {
  return expected >= expectedMin && fruits >= fruitsMin;
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
