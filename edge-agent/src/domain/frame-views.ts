import { cropFruit, type Frame, type FruitBlob, type LineGeometry, meanColour } from '@pomona/grading';
import { measureEquator } from './equator.ts';
import type { FruitInView } from './fruit-in-view.ts';
import type { Grading } from './grading.ts';
import type { Track } from './live-track.ts';

type Fruit = FruitInView<Grading>;

/**
 * The views that one frame has of the fruit of one release: cut out together, run together, and told to their fruit. There for each
 * frame anew. A view's numbers stay in objects: V8 allocates those that are handed on one by one.
 */
export class FrameViews {
  readonly #geometry: LineGeometry;
  readonly #keepsCrops: boolean;
  readonly #fruits: Fruit[] = [];
  readonly #blobs: FruitBlob[] = [];
  readonly #colours: [number, number, number][] = [];
  /** By what the views are graded that were cropped last. */
  #grading: Grading | undefined;
  #count = 0;
  readonly #view = {
    capturedAtMs: 0.5,
    travelMm: 0.5,
    diameterMm: 0.5,
    roundness: 0.5,
    colour: [0.5, 0.5, 0.5] as ArrayLike<number>,
    crop: undefined as Uint8Array | undefined,
  };

  constructor(geometry: LineGeometry, keepsCrops: boolean) {
    this.#geometry = geometry;
    this.#keepsCrops = keepsCrops;
  }

  /** Crops those views of a frame that are graded by one release; how many, for its run. `tracks` holds the fruit of each blob. */
  crop(
    grading: Grading,
    frame: Frame,
    blobs: readonly FruitBlob[],
    tracks: readonly (Track<Fruit> | undefined)[],
  ): number {
    const { model, standardiser } = grading;
    const bytes = model.inputSize ** 2 * 3;
    const { crops } = model;
    let count = 0;
    for (let i = 0; i < tracks.length; i++) {
      const fruit = tracks[i]?.fruit;
      if (fruit?.grading !== grading) continue;
      fruit.yPx = blobs[i]!.yPx;
      // Beyond a run's capacity lies no real belt: those fruit go without this view.
      if (count === model.capacity) continue;
      if (count === 0) standardiser?.look(frame, blobs);
      cropFruit(frame, blobs[i]!, model.inputSize, crops, count * bytes, standardiser);
      // While the crop is in the processor's cache: after the run it is not.
      this.#colours[count] ??= [0.5, 0.5, 0.5];
      meanColour(crops, count * bytes, model.inputSize, this.#colours[count]);
      fruit.look(model, count);
      this.#fruits[count] = fruit;
      this.#blobs[count++] = blobs[i]!;
    }
    this.#view.capturedAtMs = frame.capturedAtMs;
    this.#view.travelMm = frame.encoderMm;
    this.#grading = grading;
    this.#count = count;
    return count;
  }

  /** Of the views that were cropped last, whose probabilities are `rows`. */
  add(rows: Float32Array): void {
    const { model, crops, skin, figures } = this.#grading!;
    const view = this.#view;
    const labels = model.labels.length;
    for (let i = 0; i < this.#count; i++) {
      const fruit = this.#fruits[i]!;
      measureEquator(this.#blobs[i]!, this.#geometry, view);
      view.colour = this.#colours[i]!;
      if (this.#keepsCrops) view.crop = crops[i]!;
      if (!fruit.add(view, rows, i * labels, labels)) figures.unusableViews++;
      else fruit.measure(model, i, view, skin);
    }
  }

  /** Of the views that were cropped last. */
  samplePictures(): void {
    const { model } = this.#grading!;
    for (let i = 0; i < this.#count; i++)
      this.#fruits[i]!.samplePicture(model, i, this.#blobs[i]!, this.#geometry);
  }

  /** As one that was graded, for the release whose views were cropped last. */
  countFrame(): void {
    this.#grading!.figures.frames++;
  }
}
