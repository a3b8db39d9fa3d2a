import { hueRow } from '@pomona/grading';

/** More than anybody asks for; a slow belt shows a fruit far more often. */
export const cropsKeptMax = 16;
/** A belt that stands still shows the same side again. */
export const viewsMeasuredMax = 64;

export interface SeenView {
  readonly probabilities: ArrayLike<number>;
  /** Where the belt stood. */
  readonly travelMm: number;
}

interface WritableView extends SeenView {
  probabilities: Float64Array;
  travelMm: number;
}

/**
 * What is kept of the views of one fruit until it is decided: room that is used for one fruit after the other, so that no
 * frame allocates any.
 */
export class SeenViews {
  /** Of the first views, a row each: all that is measured of a view goes where there is room for it already. */
  readonly hues = new Uint16Array(viewsMeasuredMax * hueRow);
  readonly defects = new Float32Array(viewsMeasuredMax);
  readonly rot = new Float32Array(viewsMeasuredMax);
  /** Of `count` views, and behind them room of those of other fruit: V8 gives up the room of a list that is emptied. */
  readonly #views: WritableView[] = [];
  #count = 0;
  readonly #probabilities: Float64Array[] = [];
  /** Of every `cropStep`th view from the first on, so that they are spread over the whole passage; as many as are kept, and room. */
  readonly #crops: Uint8Array[] = [];
  #cropCount = 0;
  #cropStep = 1;

  get count(): number {
    return this.#count;
  }

  /** What the belt ran from the first view to the last. */
  get travelMm(): number {
    return this.#count === 0 ? 0 : this.#views[this.#count - 1]!.travelMm - this.#views[0]!.travelMm;
  }

  /** Of each view in the order of capture, one share per label. Good until there is another view, or none. */
  get probabilities(): readonly Float64Array[] {
    if (this.#count === 0) return [];
    const all = this.#probabilities;
    if (all.length > this.#count) all.length = this.#count;
    for (let i = 0; i < this.#count; i++) all[i] = this.#views[i]!.probabilities;
    return all;
  }

  /** Good until the views are cleared. */
  get crops(): readonly Uint8Array[] {
    return this.#crops.slice(0, this.#cropCount);
  }

  /** Those that `crops` are of. */
  keptViews(): readonly SeenView[] {
    return Array.from({ length: this.#cropCount }, (_, i) => this.#views[i * this.#cropStep]!);
  }

  clear(): void {
    this.#count = 0;
    this.#cropCount = 0;
    this.#cropStep = 1;
  }

  /**
   * `rows` holds the probabilities of `labels` labels from `offset`, and is copied. A view whose figures are no numbers is left out;
   * returns whether it was.
   */
  add({ travelMm }: Pick<SeenView, 'travelMm'>, rows: Float32Array, offset: number, labels: number): boolean {
    for (let k = 0; k < labels; k++) if (!Number.isFinite(rows[offset + k]!)) return false;
    const view = this.#viewOf(labels);
    for (let k = 0; k < labels; k++) view.probabilities[k] = rows[offset + k]!;
    view.travelMm = travelMm;
    this.#count++;
    return true;
  }

  /** Keeps a copy of what the model saw of the view that was added last, uint8 [size, size, 3], or not. */
  keep(crop: Uint8Array): void {
    if ((this.#count - 1) % this.#cropStep !== 0) return;
    const crops = this.#crops;
    if (this.#cropCount === cropsKeptMax) {
      for (let i = 0; i < cropsKeptMax / 2; i++) {
        const other = crops[i]!;
        crops[i] = crops[2 * i]!;
        crops[2 * i] = other;
      }
      this.#cropCount = cropsKeptMax / 2;
      this.#cropStep *= 2;
    }
    const at = this.#cropCount++;
    if (crops[at]?.length !== crop.length) crops[at] = new Uint8Array(crop.length);
    crops[at].set(crop);
  }

  #viewOf(labels: number): WritableView {
    const at = this.#count;
    const view = this.#views[at];
    // Another release may have other labels.
    if (view?.probabilities.length === labels) return view;
    const made = { probabilities: new Float64Array(labels), travelMm: 0.5 };
    this.#views[at] = made;
    return made;
  }
}
