/**
 * What left the view, in the order in which it left. A belt that is run backward brings it into the view again, and nothing may take
 * it for new fruit there.
 */
interface OnBelt {
  /** Where its centre is when the encoder reads 0. */
  readonly originMm: number;
  readonly diameterMm: number;
}

/** A belt is run backward by so much also where the gates are nearer. */
const behindMinMm = 300;
/** What lies before the farthest gate, on any belt. */
const rememberedMax = 512;

export class LeftBehind<T extends OnBelt> {
  readonly #viewMm: number;
  readonly #behindMm: number;
  readonly #all: T[] = [];

  /** Further behind the view than `gateFarthestMm` it has met its gate. */
  constructor(viewMm: number, gateFarthestMm: number) {
    this.#viewMm = viewMm;
    this.#behindMm = Math.max(behindMinMm, gateFarthestMm);
  }

  /** What has met its gate meanwhile goes to `gone`. */
  add(thing: T, encoderMm: number, gone: T[]): void {
    const all = this.#all;
    while (all.length > 0 && (all.length === rememberedMax || this.#isOver(all[0]!, encoderMm)))
      gone.push(all.shift()!);
    all.push(thing);
  }

  #isOver({ originMm }: T, encoderMm: number): boolean {
    return originMm + encoderMm > this.#viewMm + this.#behindMm;
  }

  /** Moves to `inView`, of which there may be `inViewMax`, what is in the view again, at least in part. */
  takeBack(encoderMm: number, inView: T[], inViewMax: number): void {
    for (let i = this.#all.length - 1; i >= 0 && inView.length < inViewMax; i--) {
      const thing = this.#all[i]!;
      if (thing.originMm + encoderMm - thing.diameterMm / 2 > this.#viewMm) continue;
      this.#all.splice(i, 1);
      inView.push(thing);
    }
  }

  forget(): void {
    this.#all.length = 0;
  }
}
