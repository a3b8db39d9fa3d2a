import { type FruitBlob, type FruitBox, outlineRays } from './fruit-blob.ts';
import { residentFloats } from './kernel-memory.ts';

type Mutable<T> = { -readonly [name in keyof T]: T[name] };

/** A fruit that was found in a frame, until what is found in another is written over it. */
export interface WritableBlob extends Mutable<Omit<FruitBlob, 'box'>> {
  readonly box: Mutable<FruitBox>;
}

/** Blobs that are there for every frame anew, so that none is allocated for it. */
export class BlobPool {
  readonly #all: WritableBlob[] = [];
  #count = 0;
  /** Never emptied: V8 gives up the room of a list that is. */
  readonly #used: WritableBlob[] = [];

  empty(): void {
    this.#count = 0;
  }

  /** One to write to. It stays in the pool unless it is kept. */
  next(): WritableBlob {
    this.#all[this.#count] ??= newBlob();
    return this.#all[this.#count]!;
  }

  /** What `next` gave is one of those that were found. */
  keep(): void {
    this.#count++;
  }

  /** Those that were kept since the pool was emptied, in that order; good until it is asked again. */
  used(): WritableBlob[] {
    if (this.#count === 0) return [];
    const used = this.#used;
    if (used.length > this.#count) used.length = this.#count;
    for (let i = 0; i < this.#count; i++) used[i] = this.#all[i]!;
    return used;
  }
}

/** Written out, and with numbers that are no whole ones: V8 then writes later numbers over these, where it would allocate each of them in an object that was spread. */
function newBlob(): WritableBlob {
  return {
    lane: 0,
    xPx: Number.NaN,
    yPx: Number.NaN,
    radiusXPx: Number.NaN,
    radiusYPx: Number.NaN,
    semiMajorPx: Number.NaN,
    semiMinorPx: Number.NaN,
    areaPx: Number.NaN,
    touchesEdge: false,
    unlikeFruit: false,
    box: { left: 0, top: 0, right: 0, bottom: 0 },
    outlinePx: residentFloats(outlineRays),
  };
}
