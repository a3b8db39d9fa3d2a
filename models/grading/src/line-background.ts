/**
 * What the empty belt looks like. The frame is divided into cells of 4 x 4 pixels; for each the model knows
 * the median and the spread of brightness and of two colour differences. Rollers travel through the picture,
 * so the spread over time includes their crests and gaps, and a fruit is what lies outside of it: brighter
 * than the belt ever gets, or of another colour. Being darker is no sign of fruit: that is a shadow or a gap.
 *
 * The first frames must show an empty (or sparsely filled) belt. Later the model follows slow changes, as of
 * the lamps, in cells that show no fruit, and starts afresh when nearly everything looks like fruit for long.
 */
import type { Frame } from './frame.ts';

export const cellPx = 4;
const learnFramesDefault = 14;
/** Share of an empty cell's difference that one update takes over; each cell is updated every 8th frame. */
const followRate = 0.04;
const followEvery = 8;
const swampedShare = 0.7;
const swampedFramesMax = 30;
/** Widths of the band of belt, in spreads, and the least spread that is believed (grey levels, sum of 4 pixels). */
const bandSpreads = 4.5;
const spreadMin = { luma: 26, warm: 11, green: 8 } as const;

export interface LineBackgroundOptions {
  /** Frames of empty belt to learn from. Default 14, a little more than a second. */
  readonly learnFrames?: number;
}

type Feature = 'luma' | 'warm' | 'green';
const features: readonly Feature[] = ['luma', 'warm', 'green'];

type BeltSums = Record<Feature | 'cells', number>;

export class LineBackground {
  readonly width: number;
  readonly height: number;
  readonly columns: number;
  readonly rows: number;
  /** Per cell 1 where the frame last looked at shows no belt. */
  readonly foreground: Uint8Array;
  readonly #learnFrames: number;
  readonly #current: Record<Feature, Int16Array>;
  readonly #samples: Record<Feature, Int16Array>;
  readonly #mean: Record<Feature, Float32Array>;
  readonly #spread: Record<Feature, Float32Array>;
  readonly #lumaHigh: Int16Array;
  readonly #warmLow: Int16Array;
  readonly #warmHigh: Int16Array;
  readonly #greenLow: Int16Array;
  readonly #greenHigh: Int16Array;
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
    const cells = this.columns * this.rows;
    const each = <T>(make: () => T): Record<Feature, T> => ({ luma: make(), warm: make(), green: make() });
    this.foreground = new Uint8Array(cells);
    this.#current = each(() => new Int16Array(cells));
    this.#samples = each(() => new Int16Array(cells * this.#learnFrames));
    this.#mean = each(() => new Float32Array(cells));
    this.#spread = each(() => new Float32Array(cells));
    this.#lumaHigh = new Int16Array(cells);
    this.#warmLow = new Int16Array(cells);
    this.#warmHigh = new Int16Array(cells);
    this.#greenLow = new Int16Array(cells);
    this.#greenHigh = new Int16Array(cells);
  }

  /** Whether the belt is known. Until then no fruit is found. */
  get learned(): boolean {
    return this.#seen >= this.#learnFrames;
  }

  /** Learns from a frame (at first), or marks in `foreground` the cells that show no belt. Returns `learned`. */
  look(frame: Frame): boolean {
    this.#measure(frame);
    if (!this.learned) {
      this.#learn();
      this.foreground.fill(0);
      return false;
    }
    const { luma, warm, green } = this.#current;
    let count = 0;
    for (let i = 0; i < this.foreground.length; i++) {
      const w = warm[i]!;
      const g = green[i]!;
      const isFruit =
        luma[i]! > this.#lumaHigh[i]! ||
        w > this.#warmHigh[i]! ||
        w < this.#warmLow[i]! ||
        g > this.#greenHigh[i]! ||
        g < this.#greenLow[i]!
          ? 1
          : 0;
      this.foreground[i] = isFruit;
      count += isFruit;
    }
    this.#follow();
    this.#restartWhenSwamped(count);
    return this.learned;
  }

  /**
   * Mean colour of the belt in the last frames, sRGB 0..255; undefined where no belt is known or seen. Fruit does not
   * change it, but for its shadow: what does is the light, the lens and the camera.
   */
  beltColour(): { red: number; green: number; blue: number } | undefined {
    const sum = (of: keyof BeltSums) => this.#belt.reduce((total, each) => total + each[of], 0);
    const pixels = 4 * sum('cells');
    if (pixels === 0) return undefined;
    // The three features solved for the channels: r + 2g + b = 4 luma, r - b = warm, g - (r + b) / 2 = green.
    const [luma, warm, green] = [sum('luma') / pixels, sum('warm') / pixels, sum('green') / pixels];
    const redAndBlue = 2 * luma - green;
    return { red: (redAndBlue + warm) / 2, green: luma + green / 2, blue: (redAndBlue - warm) / 2 };
  }

  /** Whether one pixel of the frame last looked at shows no belt. */
  isForeground(data: Uint8Array, x: number, y: number): boolean {
    const column = Math.min(x >> 2, this.columns - 1);
    const cell = Math.min(y >> 2, this.rows - 1) * this.columns + column;
    const at = (y * this.width + x) * 3;
    const r = data[at]! * 4;
    const g = data[at + 1]! * 4;
    const b = data[at + 2]! * 4;
    // A single pixel is noisier than the sum of four that the bands were made for.
    const warm = r - b;
    const green = g - ((r + b) >> 1);
    return (
      (r + 2 * g + b) >> 2 > this.#lumaHigh[cell]! + 16 ||
      warm > this.#warmHigh[cell]! + 24 ||
      warm < this.#warmLow[cell]! - 24 ||
      green > this.#greenHigh[cell]! + 20 ||
      green < this.#greenLow[cell]! - 20
    );
  }

  #measure(frame: Frame): void {
    const { data } = frame;
    const stride = this.width * 3;
    const { luma, warm, green } = this.#current;
    for (let row = 0, cell = 0; row < this.rows; row++) {
      let at = row * cellPx * stride;
      for (let column = 0; column < this.columns; column++, cell++, at += cellPx * 3) {
        // Four of the sixteen pixels, one in each row and column, stand for the cell.
        const p1 = at + stride + 6;
        const p2 = at + 2 * stride + 9;
        const p3 = at + 3 * stride + 3;
        const r = data[at]! + data[p1]! + data[p2]! + data[p3]!;
        const g = data[at + 1]! + data[p1 + 1]! + data[p2 + 1]! + data[p3 + 1]!;
        const b = data[at + 2]! + data[p1 + 2]! + data[p2 + 2]! + data[p3 + 2]!;
        luma[cell] = (r + 2 * g + b) >> 2;
        warm[cell] = r - b;
        green[cell] = g - ((r + b) >> 1);
      }
    }
  }

  #learn(): void {
    const n = this.#learnFrames;
    for (const feature of features) {
      const current = this.#current[feature];
      const samples = this.#samples[feature];
      for (let i = 0; i < current.length; i++) samples[i * n + this.#seen] = current[i]!;
    }
    this.#seen++;
    if (this.learned) this.#concludeLearning();
  }

  #concludeLearning(): void {
    const n = this.#learnFrames;
    for (const feature of features) {
      for (let i = 0; i < this.foreground.length; i++) {
        const sorted = this.#samples[feature].subarray(i * n, (i + 1) * n).sort();
        const median = sorted[n >> 1]!;
        const low = sorted[Math.floor(n * 0.16)]!;
        const high = sorted[Math.ceil(n * 0.84) - 1]!;
        this.#mean[feature][i] = median;
        this.#spread[feature][i] = Math.max((high - low) / 2, spreadMin[feature]);
      }
    }
    for (let i = 0; i < this.foreground.length; i++) this.#setBand(i);
  }

  #setBand(cell: number): void {
    const { luma, warm, green } = this.#mean;
    const k = bandSpreads;
    this.#lumaHigh[cell] = luma[cell]! + k * this.#spread.luma[cell]!;
    this.#warmHigh[cell] = warm[cell]! + k * this.#spread.warm[cell]!;
    this.#warmLow[cell] = warm[cell]! - k * this.#spread.warm[cell]!;
    this.#greenHigh[cell] = green[cell]! + k * this.#spread.green[cell]!;
    this.#greenLow[cell] = green[cell]! - k * this.#spread.green[cell]!;
  }

  /** Takes over slow changes where the belt is seen; an eighth of the cells per frame. */
  #follow(): void {
    this.#turn = (this.#turn + 1) % followEvery;
    const belt = { cells: 0, luma: 0, warm: 0, green: 0 };
    this.#belt[this.#turn] = belt;
    for (let i = this.#turn; i < this.foreground.length; i += followEvery) {
      if (this.foreground[i] === 1) continue;
      belt.cells++;
      for (const feature of features) {
        belt[feature] += this.#current[feature][i]!;
        const mean = this.#mean[feature];
        const spread = this.#spread[feature];
        const difference = this.#current[feature][i]! - mean[i]!;
        mean[i] = mean[i]! + followRate * difference;
        // The mean absolute difference of a normal variable is 0.8 of its deviation.
        const wider = spread[i]! + followRate * (Math.abs(difference) * 1.25 - spread[i]!);
        spread[i] = Math.max(wider, spreadMin[feature]);
      }
      this.#setBand(i);
    }
  }

  #restartWhenSwamped(foregroundCells: number): void {
    this.#swampedFrames =
      foregroundCells > swampedShare * this.foreground.length ? this.#swampedFrames + 1 : 0;
    if (this.#swampedFrames <= swampedFramesMax) return;
    this.#swampedFrames = 0;
    this.#seen = 0;
  }
}
