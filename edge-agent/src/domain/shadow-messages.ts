/**
 * How a fruit comes from the grading worker to the process in which a candidate runs silently: its views through memory that the worker shares with the
 * main thread, in places that are taken by the one and freed by the other when that process is done with the fruit, the rest as a message. The main thread
 * sends both on. With every place taken a fruit is passed over: the grading worker waits for nothing.
 */
import type { FruitMeasures, Recipe, ReleaseRef } from '@pomona/wire';
import type { RunnableRelease } from './line-messages.ts';
import { cropsKeptMax } from './seen-views.ts';

/** In which fruit waits. */
export const placesMax = 4;
/** Whoever took it is gone: a grading worker that was ended before its message was out. */
const takenMsMax = 60_000;

export interface ShadowMemory {
  /** Whose fruit is wanted. */
  readonly champion: ReleaseRef;
  /** Side of a view, pixels. */
  readonly inputSize: number;
  /** Int32: of each place since when it is taken, milliseconds that wrap around, 0 for free; then how many fruits were passed over. */
  readonly marks: SharedArrayBuffer;
  /** uint8 [places, cropsKeptMax, inputSize, inputSize, 3]. */
  readonly crops: SharedArrayBuffer;
}

/** A place as one fruit has it. */
export interface TakenPlace {
  readonly place: number;
  /** Its mark: whoever has it since another time is another fruit. */
  readonly since: number;
}

/** A fruit that was decided. */
export interface OfferedFruit extends TakenPlace {
  readonly seq: number;
  readonly at: string;
  readonly lane: number;
  readonly grade: string;
  readonly probabilities: readonly number[];
  readonly diameterMm: number;
  readonly measures: FruitMeasures | undefined;
  /** Those whose crops are in the place, in the order of capture. */
  readonly views: readonly { readonly travelMm: number; readonly probabilities: ArrayLike<number> }[];
  /** What it was graded by where it was seen more often than crops are kept of: its grade by these views alone is then the one to compare. */
  readonly recipe?: Recipe;
}

export interface ShadowSetup {
  readonly champion: RunnableRelease;
  readonly candidate: RunnableRelease;
  /** The candidate's. */
  readonly recipe: Recipe;
  readonly samplesPerDayMax: number;
}

export type FromShadow =
  | { readonly kind: 'running' }
  /** It cannot run beside this champion. */
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'raced'; readonly champion: number; readonly candidate: number }
  | {
      readonly kind: 'compared';
      readonly champion: string;
      readonly candidate: string;
      readonly views: number;
    }
  /** A fruit on which the two differ, for labelling. `crops` uint8 [inputSize, inputSize, 3] each. */
  | {
      readonly kind: 'disagreed';
      readonly fruit: Pick<OfferedFruit, 'seq' | 'at' | 'lane' | 'grade' | 'probabilities'>;
      readonly candidate: string;
      readonly crops: readonly Uint8Array[];
    }
  | { readonly kind: 'stopped' };

export function shadowMemory(champion: ReleaseRef, inputSize: number): ShadowMemory {
  return {
    champion,
    inputSize,
    marks: new SharedArrayBuffer(4 * (placesMax + 1)),
    crops: new SharedArrayBuffer(placesMax * cropsKeptMax * inputSize ** 2 * 3),
  };
}

/** One side's hand on that memory. */
export class ShadowPlaces {
  readonly #marks: Int32Array;
  readonly #crops: Uint8Array;
  readonly #bytesOfCrop: number;

  constructor({ marks, crops, inputSize }: ShadowMemory) {
    this.#marks = new Int32Array(marks);
    this.#crops = new Uint8Array(crops);
    this.#bytesOfCrop = inputSize ** 2 * 3;
  }

  /** Copies the crops, at most `cropsKeptMax`, into a free place; undefined when there is none, which is counted. */
  put(crops: readonly Uint8Array[], nowMs: number): TakenPlace | undefined {
    const now = nowMs | 0 || 1;
    for (let place = 0; place < placesMax; place++) {
      const since = Atomics.load(this.#marks, place);
      if (since !== 0 && ((now - since) | 0) < takenMsMax) continue;
      for (const [i, crop] of crops.entries()) this.#crops.set(crop, this.#offsetOf(place, i));
      Atomics.store(this.#marks, place, now);
      return { place, since: now };
    }
    Atomics.add(this.#marks, placesMax, 1);
    return undefined;
  }

  /** The first `count`, uint8 [count, inputSize, inputSize, 3]. Not a copy: good until the place is freed. */
  crops(place: number, count: number): Uint8Array {
    const offset = this.#offsetOf(place, 0);
    return this.#crops.subarray(offset, offset + count * this.#bytesOfCrop);
  }

  /** Unless it was taken by another fruit meanwhile. */
  free({ place, since }: TakenPlace): void {
    Atomics.compareExchange(this.#marks, place, since, 0);
  }

  get passedOver(): number {
    return Atomics.load(this.#marks, placesMax);
  }

  #offsetOf(place: number, i: number): number {
    return (place * cropsKeptMax + i) * this.#bytesOfCrop;
  }
}
