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
  readonly #room: WritableView[] = [];
  readonly #views: WritableView[] = [];
  readonly #probabilities: Float64Array[] = [];
  readonly #cropRoom: Uint8Array[] = [];
  /** Of every `cropStep`th view from the first on, so that they are spread over the whole passage. */
  readonly #crops: Uint8Array[] = [];
  #cropStep = 1;

  /** In the order of capture. */
  get all(): readonly SeenView[] {
    return this.#views;
  }

  /** Of each of them, one share per label. Good until the views are cleared. */
  get probabilities(): readonly Float64Array[] {
    return this.#probabilities;
  }

  /** Good until the views are cleared. */
  get crops(): readonly Uint8Array[] {
    return this.#crops;
  }

  /** Those that `crops` are of. */
  keptViews(): readonly SeenView[] {
    return this.#views.filter((_, i) => i % this.#cropStep === 0).slice(0, this.#crops.length);
  }

  clear(): void {
    this.#views.length = 0;
    this.#probabilities.length = 0;
    this.#cropRoom.push(...this.#crops);
    this.#crops.length = 0;
    this.#cropStep = 1;
  }

  /**
   * `rows` holds the probabilities of `labels` labels from `offset`, and is copied. A view whose figures are no numbers is left out;
   * returns whether it was.
   */
  add(travelMm: number, rows: Float32Array, offset: number, labels: number): boolean {
    for (let k = 0; k < labels; k++) if (!Number.isFinite(rows[offset + k]!)) return false;
    const view = this.#viewOf(labels);
    for (let k = 0; k < labels; k++) view.probabilities[k] = rows[offset + k]!;
    view.travelMm = travelMm;
    this.#views.push(view);
    this.#probabilities.push(view.probabilities);
    return true;
  }

  /** Keeps a copy of what the model saw of the view that was added last, uint8 [size, size, 3], or not. */
  keep(crop: Uint8Array): void {
    if ((this.#views.length - 1) % this.#cropStep !== 0) return;
    if (this.#crops.length === cropsKeptMax) {
      for (let i = 0; i < cropsKeptMax / 2; i++) {
        this.#cropRoom.push(this.#crops[2 * i + 1]!);
        this.#crops[i] = this.#crops[2 * i]!;
      }
      this.#crops.length = cropsKeptMax / 2;
      this.#cropStep *= 2;
    }
    const room = this.#cropRoom.pop();
    const kept = room?.length === crop.length ? room : new Uint8Array(crop.length);
    kept.set(crop);
    this.#crops.push(kept);
  }

  #viewOf(labels: number): WritableView {
    const at = this.#views.length;
    const view = this.#room[at];
    // Another release may have other labels.
    if (view?.probabilities.length === labels) return view;
    const made = { probabilities: new Float64Array(labels), travelMm: 0.5 };
    this.#room[at] = made;
    return made;
  }
}
