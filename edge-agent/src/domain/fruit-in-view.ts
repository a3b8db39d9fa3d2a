import {
  countHues,
  type FruitAreas,
  fuseByRecipe,
  hueRow,
  hueShares,
  type PictureSample,
  packViews,
  samplePicture,
  skinShares,
} from '@pomona/grading';
import type { FruitMeasures, RecipeFusion } from '@pomona/wire';
import { equatorWeight } from './equator.ts';
import type { GradedFruit } from './line-messages.ts';
import { type SeenView, SeenViews, viewsMeasuredMax } from './seen-views.ts';
import type { ViewModel } from './view-model.ts';

const nothingSeen = new SeenViews();

/** Two show what a picture is like, as of a window's statistics. */
const picturesMax = 2;
/** Between these shares of the picture's width nothing of a fruit is cut off. */
const middle = { from: 0.25, to: 0.75 };
const picture: PictureSample = { contrast: 0.5, sharpness: 0.5 };

/** What is known of a fruit while it is in the view of the camera. `G` is what it is graded with, for its whole life. */
export class FruitInView<G> {
  grading: G;
  // No numbers as long as it was not seen: what may be undefined instead V8 allocates anew for each view.
  /** Capture time of the last view, monotonic milliseconds. */
  lastViewAtMs = Number.NaN;
  /** Where across the belt it was seen last, pixels. */
  yPx = Number.NaN;
  /** What was decided; undefined before. */
  grade: string | undefined;
  /** It was decided while grading was paused. */
  isPaused = false;
  /** Sum of the views' diameters, each by its weight, and of the weights. */
  #diameterMm = 0.5;
  #diameterWeight = 0.5;
  #views: SeenViews;
  readonly #colour = [0.5, 0.5, 0.5];
  #defectViews = 0;
  #measuredViews = 0;
  #roundness = 0.5;
  #pictures = 0;
  #contrast = 0.5;
  #sharpness = 0.5;

  constructor(grading: G, views = new SeenViews()) {
    this.grading = grading;
    this.#views = views;
    this.begin(grading, views);
  }

  /** As another fruit, of which nothing was seen yet: its numbers are written where those of the one before are. */
  begin(grading: G, views: SeenViews): void {
    this.grading = grading;
    this.lastViewAtMs = Number.NaN;
    this.yPx = Number.NaN;
    this.grade = undefined;
    this.isPaused = false;
    this.#views = views;
    this.#diameterMm = 0;
    this.#diameterWeight = 0;
    this.#colour.fill(0);
    this.#defectViews = 0;
    this.#measuredViews = 0;
    this.#roundness = 0;
    this.#pictures = 0;
    this.#contrast = 0;
    this.#sharpness = 0;
  }

  /** Gives back what it was begun with, for another fruit: of its views it knows nothing any more. Undefined when it has done so. */
  forget(): SeenViews | undefined {
    const views = this.#views;
    if (views === nothingSeen) return undefined;
    views.clear();
    this.#views = nothingSeen;
    return views;
  }

  get views(): number {
    return this.#views.count;
  }

  /** Of its equator. */
  get diameterMm(): number {
    return this.views === 0 ? 0 : this.#diameterMm / this.#diameterWeight;
  }

  get colour(): GradedFruit['fruit']['colour'] {
    const count = Math.max(1, this.views);
    const colour = this.#colour;
    return [colour[0]! / count, colour[1]! / count, colour[2]! / count];
  }

  /**
   * `rows` holds the probabilities of `labels` labels from `offset`, and is copied. A view whose figures are no
   * numbers says nothing and is left out: compared with each other they would make the first label the most probable.
   * Returns whether it was usable.
   */
  add(view: View, rows: Float32Array, offset: number, labels: number): boolean {
    if (!this.#views.add(view, rows, offset, labels)) return false;
    const weight = equatorWeight(view.roundness);
    this.#diameterMm += weight * view.diameterMm;
    this.#diameterWeight += weight;
    for (let c = 0; c < 3; c++) this.#colour[c]! += view.colour[c]!;
    this.lastViewAtMs = view.capturedAtMs;
    if (view.crop !== undefined) this.#views.keep(view.crop);
    return true;
  }

  /** Counts the hues of crop `i`, which is about to be run and then added. Allocates nothing. */
  look({ crops, inputSize }: Pick<ViewModel, 'crops' | 'inputSize'>, i: number): void {
    const v = this.views;
    if (v < viewsMeasuredMax)
      countHues(crops, i * inputSize ** 2 * 3, inputSize, this.#views.hues, v * hueRow);
  }

  /** Of the view that was added last, which is crop `i` of the model's last run. `skin` is that of the cells of its map. Allocates nothing. */
  measure(
    { defects }: Pick<ViewModel, 'defects'>,
    i: number,
    { roundness }: Pick<View, 'roundness'>,
    skin: Float64Array | undefined,
  ): void {
    const v = this.views - 1;
    if (v < 0 || v >= viewsMeasuredMax) return;
    this.#measuredViews = v + 1;
    this.#roundness += roundness;
    if (defects === undefined || skin === undefined) return;
    const offset = i * defects.cells ** 2 * 2;
    const shares = skinShares(defects.map, offset, skin);
    this.#views.defects[v] = shares[0]!;
    this.#views.rot[v] = shares[1]!;
    this.#defectViews++;
  }

  /**
   * Contrast and sharpness of crop `i` of the model's last run, whose fruit stood at `xPx`; of the first views from the picture's middle. No
   * grade wants them: to be called when the shots of a frame are out. Allocates nothing.
   */
  samplePicture(
    { crops, inputSize }: Pick<ViewModel, 'crops' | 'inputSize'>,
    i: number,
    { xPx }: { readonly xPx: number },
    { frameWidthPx }: { readonly frameWidthPx: number },
  ): void {
    if (this.#pictures === picturesMax) return;
    if (xPx < middle.from * frameWidthPx || xPx > middle.to * frameWidthPx) return;
    if (!samplePicture(crops, i * inputSize ** 2 * 3, inputSize, picture)) return;
    this.#pictures++;
    this.#contrast += picture.contrast;
    this.#sharpness += picture.sharpness;
  }

  /** What goes into the fruit's record beside its size and colour. `fusion` is what its probabilities were fused by. */
  measures(fusion: RecipeFusion | undefined): FruitMeasures | undefined {
    const count = this.#measuredViews;
    if (count === 0 || this.views === 0) return undefined;
    const hues = hueShares(this.#views.hues, count);
    const views = packViews(this.viewProbabilities);
    const turns = this.#views.travelMm / (Math.PI * this.diameterMm);
    // Part by part: objects that are spread into one another take longer than all the rest.
    const found: FruitMeasures = { roundness: rounded(Math.min(1, this.#roundness / count), 1e3) };
    if (Number.isFinite(turns) && turns >= 0) found.turns = rounded(Math.min(1_000, turns), 1e3);
    if (hues !== undefined) found.hues = hues;
    const areas = this.#areas;
    if (areas !== undefined) {
      found.defectShare = areas.defectShare;
      found.rotShare = areas.rotShare;
    }
    if (this.#pictures > 0) {
      found.contrast = rounded(this.#contrast / this.#pictures, 10);
      found.sharpness = rounded(this.#sharpness / this.#pictures, 10);
    }
    if (views !== undefined) found.views = views;
    if (fusion !== undefined && fusion.method !== 'meanLogProbability') found.fusion = fusion.method;
    return found;
  }

  /** At most `countMax` of the crops that the model saw, spread over the passage, in the order of capture. Copies. */
  cropsSpread(countMax: number): readonly Uint8Array[] {
    const { crops } = this.#views;
    const count = Math.min(countMax, crops.length);
    const last = crops.length - 1;
    return Array.from({ length: count }, (_, i) =>
      crops[count === 1 ? 0 : Math.round((i * last) / (count - 1))]!.slice(),
    );
  }

  /**
   * At most `countMax` of the crops that the model saw, from the middle of the passage, where nothing is cut off. Good until the
   * fruit forgets its views.
   */
  cropsCentral(countMax: number): readonly Uint8Array[] {
    const { crops } = this.#views;
    const from = Math.max(0, Math.floor((crops.length - countMax) / 2));
    return crops.slice(from, from + countMax);
  }

  /** Those of the views whose crops are kept. */
  keptViews(): readonly SeenView[] {
    return this.#views.keptViews();
  }

  /** Per view, in the order of capture, one share per label. Good until the fruit forgets its views. */
  get viewProbabilities(): readonly ArrayLike<number>[] {
    return this.#views.probabilities;
  }

  /** One share per label, or nothing when there is no view. */
  fuse(fusion?: RecipeFusion): number[] {
    const areas = fusion?.areas === undefined ? undefined : this.#areas;
    return fuseByRecipe(fusion, this.viewProbabilities, areas);
  }

  /** As they stand in the record; undefined where its network draws no map. */
  get #areas(): FruitAreas | undefined {
    const count = this.#measuredViews;
    if (count === 0 || this.#defectViews !== count) return undefined;
    const { defects, rot } = this.#views;
    return { defectShare: rounded(mean(defects, count), 1e5), rotShare: rounded(mean(rot, count), 1e5) };
  }
}

/** Of the first `count`. */
function mean(values: Float32Array, count: number): number {
  let sum = 0;
  for (let v = 0; v < count; v++) sum += values[v]!;
  return Math.min(1, sum / count);
}

function rounded(value: number, steps: number): number {
  return Math.round(value * steps) / steps;
}

export interface View {
  readonly capturedAtMs: number;
  readonly travelMm: number;
  /** Of its equator, by this view. */
  readonly diameterMm: number;
  /** Its smaller axis as a share of the larger, above 0. */
  readonly roundness: number;
  /** Mean sRGB of the fruit, 0..255. */
  readonly colour: ArrayLike<number>;
  /** What the model saw, uint8 [size, size, 3], where samples and statistics want it; is copied. */
  readonly crop: Uint8Array | undefined;
}
