/**
 * What the empty belt looks like. The frame is divided into cells of 4 x 4 pixels; for each the model knows
 * the median and the spread of brightness and of two colour differences. Rollers travel through the picture,
 * so the spread over time includes their crests and gaps, and a fruit is what lies outside of it: brighter
 * than the belt ever gets, or of another colour. Being darker is no sign of fruit: that is a shadow or a gap.
 *
 * The first frames must show an empty (or sparsely filled) belt. Later the model follows slow changes, as of
 * the lamps, in cells that show no fruit, and starts afresh when nearly everything looks like fruit for long.
 *
 * Most of a frame is belt, and of two cells side by side a chequerboard has one in each colour: so a frame looks at the
 * cells of one colour, and at the others only beside fruit. That misses nothing larger than a cell. The colours take
 * turns.
 */
import type { Frame } from './frame.ts';

export const cellPx = 4;
const learnFramesDefault = 14;
/** Share of an empty cell's difference that one update takes over; each cell is updated every 8th frame. */
const followRate = 0.04;
/** A power of two: then the cells that are updated are among those that the frame looked at. */
const followEvery = 8;
const swampedShare = 0.7;
const swampedFramesMax = 30;
/** Widths of the band of belt, in spreads, and the least spread that is believed (grey levels, sum of 4 pixels). */
const bandSpreads = 4.5;
/** Luma, warmth (red less blue) and green (less red and blue). */
const spreadMin = [26, 11, 8] as const;
const features = spreadMin.length;
/** Of a cell's bounds: luma's upper, then lower and upper of warmth and of green. */
const bounds = 5;
/** A single pixel is noisier than the sum of four that the bounds were made for. */
const pixelSlack = [16, 24, 20] as const;

export interface LineBackgroundOptions {
  /** Frames of empty belt to learn from. Default 14, a little more than a second. */
  readonly learnFrames?: number;
}

/** Of one turn's cells, four pixels each. */
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
  /** Per cell 1 where the frame last looked at shows no belt. */
  readonly foreground: Uint8Array;
  readonly #learnFrames: number;
  /** [cells, features, learnFrames] */
  readonly #samples: Int16Array;
  /** [cells, features] */
  readonly #mean: Float32Array;
  readonly #spread: Float32Array;
  /** [cells, bounds], side by side because they are read together. */
  readonly #bounds: Int16Array;
  #seen = 0;
  #turn = 0;
  /** Of the cells that the last turns followed. */
  readonly #belt: BeltSums[] = [];
  #swampedFrames = 0;

  constructor(width: number, height: number, options: LineBackgroundOptions = {}) {
    this.width = width;
    this.height = height;
    this.columns = Math.floor(width / cellPx);
    this.rows = Math.floor(height / cellPx);
    this.#learnFrames = options.learnFrames ?? learnFramesDefault;
    const count = this.columns * this.rows;
    this.foreground = new Uint8Array(count);
    this.#samples = new Int16Array(count * features * this.#learnFrames);
    this.#mean = new Float32Array(count * features);
    this.#spread = new Float32Array(count * features);
    this.#bounds = new Int16Array(count * bounds);
  }

  /** Whether the belt is known. Until then no fruit is found. */
  get learned(): boolean {
    return this.#seen >= this.#learnFrames;
  }

  /** Learns from a frame (at first), or marks in `foreground` the cells that show no belt. Returns `learned`. */
  look({ data }: Frame): boolean {
    if (!this.learned) {
      this.#learn(data);
      this.foreground.fill(0);
      return false;
    }
    this.#turn = (this.#turn + 1) % followEvery;
    const fruitCells = 2 * this.#markHalf(data);
    this.#markBesideFruit(data);
    this.#follow(data);
    this.#restartWhenSwamped(fruitCells);
    return this.learned;
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

  /** Whether one pixel of the frame last looked at shows no belt. */
  isForeground(data: Uint8Array, x: number, y: number): boolean {
    const column = Math.min(x >> 2, this.columns - 1);
    const band = (Math.min(y >> 2, this.rows - 1) * this.columns + column) * bounds;
    const limits = this.#bounds;
    const at = (y * this.width + x) * 3;
    const r = data[at]! * 4;
    const g = data[at + 1]! * 4;
    const b = data[at + 2]! * 4;
    const warm = r - b;
    const green = g - ((r + b) >> 1);
    const [lumaSlack, warmSlack, greenSlack] = pixelSlack;
    return (
      (r + 2 * g + b) >> 2 > limits[band]! + lumaSlack ||
      warm < limits[band + 1]! - warmSlack ||
      warm > limits[band + 2]! + warmSlack ||
      green < limits[band + 3]! - greenSlack ||
      green > limits[band + 4]! + greenSlack
    );
  }

  /** The cells of one colour of the board. Returns how many show fruit. */
  #markHalf(data: Uint8Array): number {
    const { foreground, columns } = this;
    const stride = this.width * 3;
    let count = 0;
    for (let row = 0; row < this.rows; row++) {
      for (let column = (row + this.#turn) & 1; column < columns; column += 2) {
        const cell = row * columns + column;
        const at = row * cellPx * stride + column * cellPx * 3;
        const mark = this.#isFruit(sumOfCell(data, at, stride), cell) ? 1 : 0;
        foreground[cell] = mark;
        count += mark;
      }
    }
    return count;
  }

  /** The cells of the other colour: belt amid belt, fruit amid fruit, and between them as they look. */
  #markBesideFruit(data: Uint8Array): void {
    const { foreground, columns } = this;
    const stride = this.width * 3;
    const rowLast = this.rows - 1;
    for (let row = 0; row <= rowLast; row++) {
      for (let column = (row + this.#turn + 1) & 1; column < columns; column += 2) {
        const cell = row * columns + column;
        const around =
          (column > 0 ? foreground[cell - 1]! : 0) +
          (column < columns - 1 ? foreground[cell + 1]! : 0) +
          (row > 0 ? foreground[cell - columns]! : 0) +
          (row < rowLast ? foreground[cell + columns]! : 0);
        const at = row * cellPx * stride + column * cellPx * 3;
        foreground[cell] =
          around === 4 || (around > 0 && this.#isFruit(sumOfCell(data, at, stride), cell)) ? 1 : 0;
      }
    }
  }

  #isFruit(sum: number, cell: number): boolean {
    const limits = this.#bounds;
    const band = cell * bounds;
    const warm = warmOf(sum);
    const green = greenOf(sum);
    return (
      lumaOf(sum) > limits[band]! ||
      warm < limits[band + 1]! ||
      warm > limits[band + 2]! ||
      green < limits[band + 3]! ||
      green > limits[band + 4]!
    );
  }

  #learn(data: Uint8Array): void {
    const n = this.#learnFrames;
    const samples = this.#samples;
    for (let row = 0, at = this.#seen; row < this.rows; row++) {
      for (let column = 0; column < this.columns; column++, at += features * n) {
        const sum = sumOfCell(data, (row * this.width + column) * cellPx * 3, this.width * 3);
        samples[at] = lumaOf(sum);
        samples[at + n] = warmOf(sum);
        samples[at + 2 * n] = greenOf(sum);
      }
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
    for (let cell = 0; cell < this.foreground.length; cell++) this.#setBounds(cell);
  }

  #setBounds(cell: number): void {
    const mean = this.#mean;
    const spread = this.#spread;
    const limits = this.#bounds;
    const i = cell * features;
    const band = cell * bounds;
    limits[band] = mean[i]! + bandSpreads * spread[i]!;
    limits[band + 1] = mean[i + 1]! - bandSpreads * spread[i + 1]!;
    limits[band + 2] = mean[i + 1]! + bandSpreads * spread[i + 1]!;
    limits[band + 3] = mean[i + 2]! - bandSpreads * spread[i + 2]!;
    limits[band + 4] = mean[i + 2]! + bandSpreads * spread[i + 2]!;
  }

  /** Takes over slow changes where the belt is seen; an eighth of the cells per frame, on diagonals. */
  #follow(data: Uint8Array): void {
    const stride = this.width * 3;
    const belt = { cells: 0, red: 0, green: 0, blue: 0 };
    this.#belt[this.#turn] = belt;
    for (let row = 0; row < this.rows; row++) {
      const first = (this.#turn - row) & (followEvery - 1);
      for (let column = first; column < this.columns; column += followEvery) {
        const cell = row * this.columns + column;
        if (this.foreground[cell] === 1) continue;
        const sum = sumOfCell(data, row * cellPx * stride + column * cellPx * 3, stride);
        belt.cells++;
        belt.red += sum & 1023;
        belt.green += (sum >> 10) & 1023;
        belt.blue += sum >> 20;
        this.#followFeature(cell * features, lumaOf(sum), spreadMin[0]);
        this.#followFeature(cell * features + 1, warmOf(sum), spreadMin[1]);
        this.#followFeature(cell * features + 2, greenOf(sum), spreadMin[2]);
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
    this.#swampedFrames = fruitCells > swampedShare * this.foreground.length ? this.#swampedFrames + 1 : 0;
    if (this.#swampedFrames <= swampedFramesMax) return;
    this.#swampedFrames = 0;
    this.#seen = 0;
  }
}

/**
 * Four of a cell's sixteen pixels, one in each row and column, stand for it: the sums of their red, green and blue,
 * ten bits each, in one number. `at` is the cell's first byte, `stride` the bytes of a row.
 */
function sumOfCell(data: Uint8Array, at: number, stride: number): number {
  return (
    pixelAt(data, at) +
    pixelAt(data, at + stride + 6) +
    pixelAt(data, at + 2 * stride + 9) +
    pixelAt(data, at + 3 * stride + 3)
  );
}

function pixelAt(data: Uint8Array, at: number): number {
  return data[at]! | (data[at + 1]! << 10) | (data[at + 2]! << 20);
}

function lumaOf(sum: number): number {
  return ((sum & 1023) + 2 * ((sum >> 10) & 1023) + (sum >> 20)) >> 2;
}

function warmOf(sum: number): number {
  return (sum & 1023) - (sum >> 20);
}

function greenOf(sum: number): number {
  return ((sum >> 10) & 1023) - (((sum & 1023) + (sum >> 20)) >> 1);
}
