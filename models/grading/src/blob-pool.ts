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
  readonly #used: WritableBlob[] = [];

  /** Those that were taken since the pool was emptied; the same array every time. */
  get used(): WritableBlob[] {
    return this.#used;
  }

  empty(): void {
    this.#used.length = 0;
  }

  /** One to write to. It stays in the pool unless it is kept. */
  next(): WritableBlob {
    const at = this.#used.length;
    this.#all[at] ??= newBlob();
    return this.#all[at];
  }

  /** What `next` gave is one of those that were found. */
  keep(blob: WritableBlob): void {
    this.#used.push(blob);
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
