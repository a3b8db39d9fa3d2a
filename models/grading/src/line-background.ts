/**
 * What the empty belt looks like. The frame is divided into cells of 4 x 4 pixels; for each the model knows
 * the median and the spread of brightness and of two colour differences. Rollers travel through the picture,
 * so the spread over time includes their crests and gaps, and a fruit is what lies outside of it: brighter
 * than the belt ever gets, or of another colour. Being darker is no sign of fruit: that is a shadow or a gap.
 *
 * It learns from the first frames in which the belt moves; where fruit moves on a belt that is said to stand, from those for the time being, so
 * that the fruit is seen at all, and anew as soon as the belt is said to move. Where fruit passes meanwhile, colours vary as those of no belt do: such cells
 * take what the cells beside the lanes learned, at the same place along the belt, since a roller looks the same across it. Later the model follows
 * slow changes, as of the lamps, in cells that show no fruit, and starts afresh when nearly everything looks like fruit for long.
 *
 * The cells of a frame are summed and compared in WebAssembly (`kernel/mark-cells.ts`).
 */
import { BlobPool } from './blob-pool.ts';
import type { Frame } from './frame.ts';
import {
  type BeltModel,
  type BeltSums,
  beltModel,
  boundCells,
  followBelt,
  type MarkedCells,
  markCells,
  sumCells,
} from './kernel.ts';

export const cellPx = 4;
const learnFramesDefault = 14;
/** Each cell follows the belt every 16th frame. */
const followEvery = 16;
/** Of so many last frames' cells is the belt's colour. */
const beltFrames = 8;
const swampedShare = 0.7;
const swampedFramesMax = 30;
/** The least spread that is believed of luma, warmth (red less blue) and green (less red and blue), grey levels, sum of 4 pixels. */
const spreadMin = [26, 11, 8];
const features = spreadMin.length;
/** A belt's warmth and green vary by less than so many of their least spreads; where fruit passes, by more. */
const beltSpreads = 4;
/** Fruit has moved when the colour of so many cells is another one. */
const movedShare = 0.02;
/** Said to have moved so far, a belt does not stand. */
const standsMm = 20;
/** Of a cell's sums: red, green, blue, and nothing. */
const colours = 4;

export interface LineBackgroundOptions {
  /** Frames of empty belt to learn from. Default 14, a little more than a second. */
  readonly learnFrames?: number;
}

export class LineBackground {
  readonly width: number;
  readonly height: number;
  readonly columns: number;
  readonly rows: number;
  readonly #learnFrames: number;
  /** [cells, features, learnFrames] */
  readonly #samples: Int16Array;
  readonly #belt: BeltModel;
  #seen = 0;
  #turn = 0;
  /** Of the cells that the last frames followed. */
  readonly #beltSums: readonly BeltSums[] = Array.from({ length: beltFrames }, noBelt);
  #swampedFrames = 0;
  /** Where the belt was in the last frame that was learned from. */
  #learnedAtMm = Number.NaN;
  /** Where the belt was said to stand when the first frame was learned in spite of that. */
  #standsAtMm: number | undefined;
  #marked: MarkedCells = { bits: new Uint8Array(0), count: 0 };
  /** Where `locateFruit` writes what it finds before this belt. */
  readonly blobs = new BlobPool();

  constructor(width: number, height: number, options: LineBackgroundOptions = {}) {
    this.width = width;
    this.height = height;
    this.columns = Math.floor(width / cellPx);
    this.rows = Math.floor(height / cellPx);
    this.#learnFrames = options.learnFrames ?? learnFramesDefault;
    const count = this.columns * this.rows;
    this.#samples = new Int16Array(count * features * this.#learnFrames);
    this.#belt = beltModel(count);
  }

  /** The cells of the last frame; good until any other frame is looked at. */
  get marked(): MarkedCells {
    return this.#marked;
  }

  /** Whether the belt is known. Until then no fruit is found. */
  get learned(): boolean {
    return this.#seen >= this.#learnFrames;
  }

  /** Learns from a frame (at first), or marks the cells that show no belt. Returns whether it did: false as long as the belt is not known. */
  look(frame: Frame): boolean {
    this.#marked = markCells(frame, this.#belt);
    const { count } = this.#marked;
    if (this.#standsAtMm !== undefined && Math.abs(frame.encoderMm - this.#standsAtMm) > standsMm)
      this.#learnAnew();
    if (!this.learned) {
      this.#learnFrom(frame.encoderMm, sumCells());
      return false;
    }
    this.#turn = (this.#turn + 1) % followEvery;
    const sums = this.#beltSums[this.#turn % beltFrames]!;
    followBelt(this.#belt, this.#turn, followEvery, spreadMin, sums);
    this.#restartWhenSwamped(count);
    return this.learned;
  }

  /**
   * Mean colour of the belt in the last frames, sRGB 0..255; undefined where no belt is known or seen. Fruit does not
   * change it, but for its shadow: what does is the light, the lens and the camera.
   */
  beltColour(): { red: number; green: number; blue: number } | undefined {
    const total = (of: keyof BeltSums) => this.#beltSums.reduce((sum, each) => sum + each[of], 0);
    const pixels = 4 * total('cells');
    if (pixels === 0) return undefined;
    return { red: total('red') / pixels, green: total('green') / pixels, blue: total('blue') / pixels };
  }

  #learnFrom(encoderMm: number, sums: Int16Array): void {
    // Fruit on a belt that stands would be learned as belt.
    const stands = encoderMm === this.#learnedAtMm;
    this.#learnedAtMm = encoderMm;
    if (!stands) this.#learn(sums);
    else if (this.#hasFruitMoved(sums)) {
      this.#standsAtMm ??= encoderMm;
      this.#learn(sums);
    }
  }

  /** Since the last frame that was learned. */
  #hasFruitMoved(sums: Int16Array): boolean {
    const n = this.#learnFrames;
    let moved = 0;
    for (let cell = 0, at = this.#seen - 1; at >= 0 && cell < this.#cells; cell++, at += features * n) {
      const red = sums[cell * colours]!;
      const green = sums[cell * colours + 1]!;
      const blue = sums[cell * colours + 2]!;
      const isOther =
        Math.abs(warmOf(red, blue) - this.#samples[at + n]!) > beltSpreads * spreadMin[1]! ||
        Math.abs(greenOf(red, green, blue) - this.#samples[at + 2 * n]!) > beltSpreads * spreadMin[2]!;
      if (isOther) moved++;
    }
    return moved > movedShare * this.#cells;
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
    const { means, spreads } = this.#belt;
    for (let i = 0; i < this.#cells * features; i++) {
      const sorted = this.#samples.subarray(i * n, (i + 1) * n).sort();
      const low = sorted[Math.floor(n * 0.16)]!;
      const high = sorted[Math.ceil(n * 0.84) - 1]!;
      const feature = i % features;
      const at = feature * this.#cells + (i - feature) / features;
      means[at] = sorted[n >> 1]!;
      spreads[at] = Math.max((high - low) / 2, spreadMin[feature]!);
    }
    this.#fillWhereFruitPassed();
    boundCells(this.#belt, this.columns, this.rows);
  }

  /** Cells in which fruit passed lie between the nearest ones above and below, or like the only one of those, in which none did. */
  #fillWhereFruitPassed(): void {
    const { columns, rows } = this;
    for (let column = 0; column < columns; column++) {
      let above = -1;
      for (let row = 0; row < rows; row++) {
        if (this.#showedFruit(row * columns + column)) continue;
        if (row > above + 1) this.#fillBetween(column, above, row);
        above = row;
      }
      // Of a column without belt nothing is known.
      if (above >= 0 && above < rows - 1) this.#fillBetween(column, above, rows);
    }
  }

  #showedFruit(cell: number): boolean {
    const { spreads } = this.#belt;
    return [1, 2].some(
      (feature) => spreads[feature * this.#cells + cell]! > beltSpreads * spreadMin[feature]!,
    );
  }

  /** Rows that are not there (-1, `rows`) say nothing. */
  #fillBetween(column: number, above: number, below: number): void {
    const { columns, rows } = this;
    for (let row = above + 1; row < below; row++) {
      const share = above < 0 ? 1 : below === rows ? 0 : (row - above) / (below - above);
      const from = Math.max(0, above < 0 ? below : above) * columns + column;
      const to = (below === rows ? above : below) * columns + column;
      const cell = row * columns + column;
      for (const figures of [this.#belt.means, this.#belt.spreads]) {
        for (let at = 0; at < figures.length; at += this.#cells)
          figures[at + cell] = (1 - share) * figures[at + from]! + share * figures[at + to]!;
      }
    }
  }

  #restartWhenSwamped(fruitCells: number): void {
    this.#swampedFrames = fruitCells > swampedShare * this.#cells ? this.#swampedFrames + 1 : 0;
    if (this.#swampedFrames <= swampedFramesMax) return;
    this.#learnAnew();
  }

  #learnAnew(): void {
    this.#swampedFrames = 0;
    this.#seen = 0;
    this.#standsAtMm = undefined;
    // Its colour is that of the belt before.
    for (const sums of this.#beltSums) Object.assign(sums, noBelt());
  }

  get #cells(): number {
    return this.columns * this.rows;
  }
}

function noBelt(): BeltSums {
  return { cells: 0, red: 0, green: 0, blue: 0 };
}

// Of the sums of four pixels, as in `kernel/follow-belt.ts`.
function lumaOf(red: number, green: number, blue: number): number {
  return (red + 2 * green + blue) >> 2;
}

function warmOf(red: number, blue: number): number {
  return red - blue;
}

function greenOf(red: number, green: number, blue: number): number {
  return green - ((red + blue) >> 1);
}
