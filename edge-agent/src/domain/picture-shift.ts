/**
 * Has the camera moved? The belt runs through the picture and its rollers with it, but what lies along it does not: the
 * guides between the lanes, the belt's rims. So the picture is looked at across the belt, where no fruit lies: per row the
 * brightness that three of ten pixels stay below, in the left and in the right half apart (a turned camera moves them
 * apart). Where these rows have gone since the calibration, or without one since the start, is how far the camera moved across the belt.
 *
 * Along the belt nothing stands still, and a camera moved only that way is not noticed.
 */
import { type Frame, type LineGeometry, laneAt, laneCentreYPx, laneHeightPx } from '@pomona/grading';

const rowStepPx = 2;
const columns = 20;
const darkest = 6;
/** Of so many profiles the median counts: a fruit, a hand and a flicker are gone by then. */
const recentProfiles = 5;
/** Ten seconds of a belt, at 400 ms. */
const learnProfiles = 25;
const shiftMaxRows = 20;
/** Grey levels from row to row, the mean square: a belt without rims and guides shows no place. */
const structureMin = 0.7;
/** What is kept as a reference is of a few frames, and noise must not be taken for a place. */
const referenceStructureMin = 3;
/** Correlation of the two profiles, and by how much it has to exceed that of the old place. */
const likenessMin = 0.6;
const likenessGain = 0.15;

export interface Shift {
  /** Pixels by which the picture has moved across the belt; null while that is learned and where nothing tells. */
  readonly px: number | null;
  /** What is seen lies nowhere near where it was. */
  readonly isElsewhere: boolean;
}

const unknown: Shift = { px: null, isElsewhere: false };

export class PictureShift {
  readonly #rows: number;
  readonly #width: number;
  /** Of both halves, one after the other: what a profile is made of. */
  readonly #recent: Float32Array[] = [];
  #learning: Float32Array[] = [];
  #usual: Float32Array | undefined;
  /** Rows that no fruit covers. */
  readonly #free: readonly number[];
  readonly #line = new Uint8Array(columns);

  /** `reference` as another one gave it, of frames of the same size. */
  constructor(geometry: LineGeometry, reference?: Uint8Array) {
    this.#width = geometry.frameWidthPx;
    this.#rows = Math.floor(geometry.frameHeightPx / rowStepPx);
    this.#free = Array.from({ length: this.#rows - 2 }, (_, row) => row).filter((row) =>
      isFree(geometry, (row + 1) * rowStepPx),
    );
    if (reference?.length === 2 * this.#rows) this.#usual = Float32Array.from(reference);
  }

  /** What the last frames showed, a byte for each second row of both halves; undefined while it is too little or tells no place. */
  reference(): Uint8Array | undefined {
    if (this.#recent.length < recentProfiles) return undefined;
    const profile = medianOf(this.#recent);
    const tells = [0, 1].some(
      (half) => this.#structureOf(this.#steps(profile, half)) >= referenceStructureMin,
    );
    return tells ? Uint8Array.from(profile, Math.round) : undefined;
  }

  look(frame: Frame): Shift {
    const profile = this.#recent.length < recentProfiles ? this.#empty() : this.#recent.shift()!;
    this.#fill(profile, frame);
    this.#recent.push(profile);
    if (this.#usual === undefined) this.#learn(profile);
    if (this.#usual === undefined || this.#recent.length < recentProfiles) return unknown;
    const now = medianOf(this.#recent);
    const [left, right] = [this.#shiftOf(this.#usual, now, 0), this.#shiftOf(this.#usual, now, 1)];
    const widest = Math.abs(right.px ?? 0) > Math.abs(left.px ?? 0) ? right : left;
    return { px: widest.px ?? right.px, isElsewhere: left.isElsewhere || right.isElsewhere };
  }

  #learn(profile: Float32Array): void {
    this.#learning.push(profile.slice());
    if (this.#learning.length < learnProfiles) return;
    this.#usual = medianOf(this.#learning);
    this.#learning = [];
  }

  #fill(profile: Float32Array, { data, width }: Frame): void {
    const line = this.#line;
    const stepPx = this.#width / 2 / columns;
    for (let half = 0; half < 2; half++) {
      for (let row = 0; row < this.#rows; row++) {
        const start = row * rowStepPx * width + (half * this.#width) / 2;
        for (let c = 0; c < columns; c++) line[c] = data[3 * Math.floor(start + (c + 0.5) * stepPx) + 1]!;
        line.sort();
        profile[half * this.#rows + row] = line[darkest]!;
      }
    }
  }

  #shiftOf(usual: Float32Array, now: Float32Array, half: number): Shift {
    const [before, after] = [this.#steps(usual, half), this.#steps(now, half)];
    if (this.#structureOf(before) < structureMin) return unknown;
    let best = 0;
    let bestLikeness = likeness(before, after, this.#free, 0);
    const stay = bestLikeness;
    for (let shift = -shiftMaxRows; shift <= shiftMaxRows; shift++) {
      const like = likeness(before, after, this.#free, shift);
      if (like > bestLikeness) [best, bestLikeness] = [shift, like];
    }
    if (bestLikeness < likenessMin) return { px: null, isElsewhere: true };
    return { px: bestLikeness - stay < likenessGain ? 0 : best * rowStepPx, isElsewhere: false };
  }

  /** How brightness changes from row to row in one half of a profile. */
  #steps(profile: Float32Array, half: number): Float32Array {
    const own = profile.subarray(half * this.#rows, (half + 1) * this.#rows);
    return Float32Array.from({ length: this.#rows - 2 }, (_, i) => own[i + 2]! - own[i]!);
  }

  #structureOf(steps: Float32Array): number {
    return power(steps, this.#free) / this.#free.length;
  }

  #empty(): Float32Array {
    return new Float32Array(2 * this.#rows);
  }
}

/** Outside of where the largest fruit lie in their lanes; of lanes as narrow as their fruit, the outer parts. */
function isFree(geometry: LineGeometry, yPx: number): boolean {
  const fromCentrePx = Math.abs(yPx - laneCentreYPx(geometry, laneAt(geometry, yPx)));
  return (
    fromCentrePx > Math.min(geometry.fruitDiameterMaxMm / 2 / geometry.mmPerPx, 0.35 * laneHeightPx(geometry))
  );
}

function likeness(before: Float32Array, after: Float32Array, rows: readonly number[], shift: number): number {
  let product = 0;
  let [ownBefore, ownAfter] = [0, 0];
  for (const row of rows) {
    const b = after[row + shift];
    if (b === undefined) continue;
    const a = before[row]!;
    product += a * b;
    ownBefore += a * a;
    ownAfter += b * b;
  }
  return ownBefore * ownAfter > 0 ? product / Math.sqrt(ownBefore * ownAfter) : 0;
}

function power(values: Float32Array, rows: readonly number[]): number {
  return rows.reduce((sum, row) => sum + values[row]! ** 2, 0);
}

function medianOf(profiles: readonly Float32Array[]): Float32Array {
  const column = new Float32Array(profiles.length);
  return Float32Array.from(profiles[0]!, (_, i) => {
    profiles.forEach((profile, p) => {
      column[p] = profile[i]!;
    });
    return column.sort()[profiles.length >> 1]!;
  });
}
