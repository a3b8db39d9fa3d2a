import { type FusableView, fuseViews } from '@pomona/grading';
import type { GradedFruit } from './line-messages.ts';

/** More than anybody asks for; a slow belt shows a fruit far more often. */
const cropsKeptMax = 16;

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
  fuse(): number[] {
    return fuseViews(this.#views, this.diameterMm);
  }
}

export interface View {
  readonly capturedAtMs: number;
  readonly travelMm: number;
  readonly diameterMm: number;
  /** Mean sRGB of the fruit, 0..255. */
  readonly colour: ArrayLike<number>;
  /** What the model saw, uint8 [size, size, 3]; a copy, kept for samples and statistics where they are wanted. */
  readonly crop: Uint8Array | undefined;
}
