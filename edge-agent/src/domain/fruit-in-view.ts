import {
  countHues,
  defectShareOf,
  type FusableView,
  fuseByRecipe,
  hueRow,
  hueShares,
  packViews,
  turnWeights,
} from '@pomona/grading';
import type { FruitMeasures, RecipeFusion } from '@pomona/wire';
import type { GradedFruit } from './line-messages.ts';
import type { ViewModel } from './view-model.ts';

/** More than anybody asks for; a slow belt shows a fruit far more often. */
const cropsKeptMax = 16;
/** A belt that stands still shows the same side again. */
const viewsMeasuredMax = 64;

/** What is known of a fruit while it is in the view of the camera. `G` is what it is graded with, for its whole life. */
export class FruitInView<G> {
  readonly grading: G;
  /** Capture time of the last view, monotonic milliseconds. */
  lastViewAtMs: number | undefined;
  /** Where across the belt it was seen last, pixels. */
  yPx: number | undefined;
  /** What was decided; undefined before. */
  grade: string | undefined;
  #diameterMm = 0;
  readonly #views: FusableView[] = [];
  readonly #colour = [0, 0, 0];
  /** Of the first views, a row each: all that is measured of a view goes where there is room for it already. */
  readonly #hues = new Uint16Array(viewsMeasuredMax * hueRow);
  readonly #defects = new Float32Array(viewsMeasuredMax);
  #defectViews = 0;
  #measuredViews = 0;
  #roundness = 0;
  /** Of every `cropStep`th view from the first on, so that they are spread over the whole passage. */
  #crops: Uint8Array[] = [];
  #cropStep = 1;

  constructor(grading: G) {
    this.grading = grading;
  }

  get views(): number {
    return this.#views.length;
  }

  get diameterMm(): number {
    return this.#views.length === 0 ? 0 : this.#diameterMm / this.#views.length;
  }

  get colour(): GradedFruit['fruit']['colour'] {
    const count = Math.max(1, this.#views.length);
    const [r = 0, g = 0, b = 0] = this.#colour;
    return [r / count, g / count, b / count];
  }

  /**
   * `rows` holds the probabilities of `labels` labels from `offset`, and is copied. A view whose figures are no
   * numbers says nothing and is left out: compared with each other they would make the first label the most probable.
   * Returns whether it was usable.
   */
  add(view: View, rows: Float32Array, offset: number, labels: number): boolean {
    const probabilities: number[] = [];
    for (let at = offset; at < offset + labels; at++) {
      const probability = rows[at]!;
      if (!Number.isFinite(probability)) return false;
      probabilities.push(probability);
    }
    this.#views.push({ probabilities, travelMm: view.travelMm });
    this.#diameterMm += view.diameterMm;
    for (let c = 0; c < 3; c++) this.#colour[c]! += view.colour[c]!;
    this.lastViewAtMs = view.capturedAtMs;
    if (view.crop !== undefined) this.#keep(view.crop);
    return true;
  }

  /** Of the view that was added last, which is crop `i` of the model's last run. `skin` is that of the cells of its map. Allocates nothing. */
  measure(model: SeenByModel, i: number, roundness: number, skin: Float64Array | undefined): void {
    const v = this.#views.length - 1;
    if (v < 0 || v >= viewsMeasuredMax) return;
    const { crops, inputSize, defects } = model;
    this.#measuredViews = v + 1;
    this.#roundness += roundness;
    countHues(crops, i * inputSize ** 2 * 3, inputSize, this.#hues, v * hueRow);
    if (defects === undefined || skin === undefined) return;
    this.#defects[v] = defectShareOf(defects.map, i * defects.cells ** 2 * 2, skin);
    this.#defectViews++;
  }

  /** What goes into the fruit's record beside its size and colour. `fusion` is what its probabilities were fused by. */
  measures(fusion: RecipeFusion | undefined): FruitMeasures | undefined {
    const count = this.#measuredViews;
    const [first, last] = [this.#views[0], this.#views.at(-1)];
    if (count === 0 || first === undefined || last === undefined) return undefined;
    const weights = turnWeights(this.#views, this.diameterMm).slice(0, count);
    const hues = hueShares(this.#hues, weights);
    const views = packViews(this.viewProbabilities);
    const turns = (last.travelMm - first.travelMm) / (Math.PI * this.diameterMm);
    return {
      roundness: rounded(Math.min(1, this.#roundness / count), 1e3),
      ...(Number.isFinite(turns) && turns >= 0 ? { turns: rounded(Math.min(1_000, turns), 1e3) } : {}),
      ...(hues === undefined ? {} : { hues }),
      ...(this.#defectViews === count ? { defectShare: rounded(mean(this.#defects, weights), 1e5) } : {}),
      ...(views === undefined ? {} : { views }),
      ...(fusion === undefined || fusion.method === 'meanLogProbability' ? {} : { fusion: fusion.method }),
    };
  }

  #keep(crop: Uint8Array): void {
    if ((this.#views.length - 1) % this.#cropStep !== 0) return;
    if (this.#crops.length === cropsKeptMax) {
      this.#crops = this.#crops.filter((_, i) => i % 2 === 0);
      this.#cropStep *= 2;
    }
    this.#crops.push(crop);
  }

  /** At most `countMax` of the crops that the model saw, spread over the passage, in the order of capture. */
  cropsSpread(countMax: number): readonly Uint8Array[] {
    const count = Math.min(countMax, this.#crops.length);
    const last = this.#crops.length - 1;
    return Array.from(
      { length: count },
      (_, i) => this.#crops[count === 1 ? 0 : Math.round((i * last) / (count - 1))]!,
    );
  }

  /** At most `countMax` of the crops that the model saw, from the middle of the passage, where nothing is cut off. */
  cropsCentral(countMax: number): readonly Uint8Array[] {
    const from = Math.max(0, Math.floor((this.#crops.length - countMax) / 2));
    return this.#crops.slice(from, from + countMax);
  }

  /** Per view, in the order of capture, one share per label. */
  get viewProbabilities(): readonly ArrayLike<number>[] {
    return this.#views.map((view) => view.probabilities);
  }

  /** One share per label, or nothing when there is no view. */
  fuse(fusion?: RecipeFusion): number[] {
    return fuseByRecipe(fusion, this.#views, this.diameterMm);
  }
}

function mean(values: Float32Array, weights: readonly number[]): number {
  let sum = 0;
  let total = 0;
  weights.forEach((weight, v) => {
    sum += weight * values[v]!;
    total += weight;
  });
  return Math.min(1, sum / total);
}

function rounded(value: number, steps: number): number {
  return Math.round(value * steps) / steps;
}

type SeenByModel = Pick<ViewModel, 'crops' | 'inputSize' | 'defects'>;

export interface View {
  readonly capturedAtMs: number;
  readonly travelMm: number;
  readonly diameterMm: number;
  /** Mean sRGB of the fruit, 0..255. */
  readonly colour: ArrayLike<number>;
  /** What the model saw, uint8 [size, size, 3]; a copy, kept for samples and statistics where they are wanted. */
  readonly crop: Uint8Array | undefined;
}
