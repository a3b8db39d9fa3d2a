/**
 * What the empty belt looks like. The frame is divided into cells of 4 x 4 pixels; for each the model knows
 * the median and the spread of brightness and of two colour differences. Rollers travel through the picture,
 * so the spread over time includes their crests and gaps, and a fruit is what lies outside of it: brighter
 * than the belt ever gets, or of another colour. Being darker is no sign of fruit: that is a shadow or a gap.
 *
 * The first frames must show an empty (or sparsely filled) belt. Later the model follows slow changes, as of
 * the lamps, in cells that show no fruit, and starts afresh when nearly everything looks like fruit for long.
 *
 * The cells of a frame are summed and compared in WebAssembly (`kernel/mark-cells.ts`).
 */
import type { Frame } from './frame.ts';
import { type MarkedCells, markCells, residentNumbers } from './kernel.ts';

export const cellPx = 4;
const learnFramesDefault = 14;
/** Share of an empty cell's difference that one update takes over; each cell is updated every 16th frame. */
const followRate = 0.08;
const followEvery = 16;
const blockCells = 8;
/** Of so many last frames' cells is the belt's colour. */
const beltFrames = 8;
const swampedShare = 0.7;
const swampedFramesMax = 30;
/** Widths of the band of belt, in spreads, and the least spread that is believed (grey levels, sum of 4 pixels). */
const bandSpreads = 4.5;
/** Luma, warmth (red less blue) and green (less red and blue). */
const spreadMin = [26, 11, 8] as const;
const features = spreadMin.length;
/** Of a cell's bounds: luma's upper, then lower and upper of warmth and of green. */
const bounds = 5;
/** Of a cell's sums: red, green, blue, and nothing. */
const colours = 4;

export interface LineBackgroundOptions {
  /** Frames of empty belt to learn from. Default 14, a little more than a second. */
  readonly learnFrames?: number;
}

/** Of one frame's cells, four pixels each. */
interface BeltSums {
  cells: number;
  red: number;
  green: number;
  blue: number;
}

export class LineBackground {
  readonly width: number;
  readonly height: number;
  readonly columns: number;
  readonly rows: number;
  readonly #learnFrames: number;
  /** [cells, features, learnFrames] */
  readonly #samples: Int16Array;
  /** [cells, features] */
  readonly #mean: Float32Array;
  readonly #spread: Float32Array;
  /** [bounds, cells] */
  readonly #bounds: Int16Array;
  #seen = 0;
  #turn = 0;
  /** Of the cells that the last frames followed. */
  readonly #belt: BeltSums[] = [];
  #swampedFrames = 0;

  constructor(width: number, height: number, options: LineBackgroundOptions = {}) {
    this.width = width;
    this.height = height;
    this.columns = Math.floor(width / cellPx);
    this.rows = Math.floor(height / cellPx);
    this.#learnFrames = options.learnFrames ?? learnFramesDefault;
    const count = this.columns * this.rows;
    this.#samples = new Int16Array(count * features * this.#learnFrames);
    this.#mean = new Float32Array(count * features);
    this.#spread = new Float32Array(count * features);
    this.#bounds = residentNumbers(count * bounds);
  }

  /** Whether the belt is known. Until then no fruit is found. */
  get learned(): boolean {
    return this.#seen >= this.#learnFrames;
  }

  /** Learns from a frame (at first), or marks the cells that show no belt. Undefined as long as the belt is not known. */
  look(frame: Frame): MarkedCells | undefined {
    const cells = markCells(frame, this.#bounds);
    if (!this.learned) {
      this.#learn(cells.sums);
      return undefined;
    }
    this.#turn = (this.#turn + 1) % followEvery;
    this.#follow(cells);
    this.#restartWhenSwamped(cells.count);
    return this.learned ? cells : undefined;
  }

  /**
   * Mean colour of the belt in the last frames, sRGB 0..255; undefined where no belt is known or seen. Fruit does not
   * change it, but for its shadow: what does is the light, the lens and the camera.
   */
  beltColour(): { red: number; green: number; blue: number } | undefined {
    const total = (of: keyof BeltSums) => this.#belt.reduce((sum, each) => sum + each[of], 0);
    const pixels = 4 * total('cells');
    if (pixels === 0) return undefined;
    return { red: total('red') / pixels, green: total('green') / pixels, blue: total('blue') / pixels };
  }

  #learn(sums: Int16Array): void {
    const n = this.#learnFrames;
    const samples = this.#samples;
    for (let cell = 0, at = this.#seen; cell < this.#cells; cell++, at += features * n) {
      const red = sums[cell * colours]!;
      const green = sums[cell * colours + 1]!;
      const blue = sums[cell * colours + 2]!;
      samples[at] = lumaOf(red, green, blue);
      samples[at + n] = warmOf(red, blue);
      samples[at + 2 * n] = greenOf(red, green, blue);
    }
    this.#seen++;
    if (this.learned) this.#concludeLearning();
  }

  #concludeLearning(): void {
    const n = this.#learnFrames;
    for (let i = 0; i < this.#mean.length; i++) {
      const sorted = this.#samples.subarray(i * n, (i + 1) * n).sort();
      const low = sorted[Math.floor(n * 0.16)]!;
      const high = sorted[Math.ceil(n * 0.84) - 1]!;
      this.#mean[i] = sorted[n >> 1]!;
      this.#spread[i] = Math.max((high - low) / 2, spreadMin[i % features]!);
    }
    for (let cell = 0; cell < this.#cells; cell++) this.#setBounds(cell);
  }

  #setBounds(cell: number): void {
    const mean = this.#mean;
    const spread = this.#spread;
    const limits = this.#bounds;
    const cells = this.#cells;
    const i = cell * features;
    limits[cell] = mean[i]! + bandSpreads * spread[i]!;
    limits[cell + cells] = mean[i + 1]! - bandSpreads * spread[i + 1]!;
    limits[cell + 2 * cells] = mean[i + 1]! + bandSpreads * spread[i + 1]!;
    limits[cell + 3 * cells] = mean[i + 2]! - bandSpreads * spread[i + 2]!;
    limits[cell + 4 * cells] = mean[i + 2]! + bandSpreads * spread[i + 2]!;
  }

  /** Takes over slow changes where the belt is seen; a sixteenth of the cells per frame. */
  #follow({ marks, sums }: MarkedCells): void {
    const belt = { cells: 0, red: 0, green: 0, blue: 0 };
    this.#belt[this.#turn % beltFrames] = belt;
    // By blocks, because cells side by side are side by side in memory.
    for (let block = this.#turn; block * blockCells < this.#cells; block += followEvery) {
      const end = Math.min((block + 1) * blockCells, this.#cells);
      for (let cell = block * blockCells; cell < end; cell++) {
        if (marks[cell] === 1) continue;
        const red = sums[cell * colours]!;
        const green = sums[cell * colours + 1]!;
        const blue = sums[cell * colours + 2]!;
        belt.cells++;
        belt.red += red;
        belt.green += green;
        belt.blue += blue;
        this.#followFeature(cell * features, lumaOf(red, green, blue), spreadMin[0]);
        this.#followFeature(cell * features + 1, warmOf(red, blue), spreadMin[1]);
        this.#followFeature(cell * features + 2, greenOf(red, green, blue), spreadMin[2]);
        this.#setBounds(cell);
      }
    }
  }

  #followFeature(i: number, value: number, least: number): void {
    const mean = this.#mean[i]!;
    const spread = this.#spread[i]!;
    const difference = value - mean;
    this.#mean[i] = mean + followRate * difference;
    // The mean absolute difference of a normal variable is 0.8 of its deviation.
    this.#spread[i] = Math.max(spread + followRate * (Math.abs(difference) * 1.25 - spread), least);
  }

  #restartWhenSwamped(fruitCells: number): void {
    this.#swampedFrames = fruitCells > swampedShare * this.#cells ? this.#swampedFrames + 1 : 0;
    if (this.#swampedFrames <= swampedFramesMax) return;
    this.#swampedFrames = 0;
    this.#seen = 0;
    // Its colour is that of the belt before.
    this.#belt.length = 0;
  }

  get #cells(): number {
    return this.columns * this.rows;
  }
}

// Of the sums of four pixels, as in `kernel/mark-cells.ts`.
function lumaOf(red: number, green: number, blue: number): number {
  return (red + 2 * green + blue) >> 2;
}

function warmOf(red: number, blue: number): number {
  return red - blue;
}

function greenOf(red: number, green: number, blue: number): number {
  return green - ((red + blue) >> 1);
}
