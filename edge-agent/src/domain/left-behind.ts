/**
 * What left the view, in the order in which it left. A belt that is run backward brings it into the view again, and nothing may take
 * it for new fruit there.
 */
interface OnBelt {
  /** Where its centre is when the encoder reads 0. */
  readonly originMm: number;
  readonly diameterMm: number;
}

/** Further behind the view it has met its gate. */
const behindMm = 300;
const rememberedMax = 64;

export class LeftBehind<T extends OnBelt> {
  readonly #viewMm: number;
  readonly #all: T[] = [];

  constructor(viewMm: number) {
    this.#viewMm = viewMm;
  }

  add(thing: T, encoderMm: number): void {
    const all = this.#all;
    const isOver = ({ originMm }: T): boolean => originMm + encoderMm > this.#viewMm + behindMm;
    while (all.length > 0 && (all.length === rememberedMax || isOver(all[0]!))) all.shift();
    all.push(thing);
  }

  /** Hands out and forgets what is in the view again, at least in part. */
  takeBack(encoderMm: number, onBack: (thing: T) => void): void {
    for (let i = this.#all.length - 1; i >= 0; i--) {
      const thing = this.#all[i]!;
      if (thing.originMm + encoderMm - thing.diameterMm / 2 > this.#viewMm) continue;
      this.#all.splice(i, 1);
      onBack(thing);
    }
  }

  forget(): void {
    this.#all.length = 0;
  }
}
