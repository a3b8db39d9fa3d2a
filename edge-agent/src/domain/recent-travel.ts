const framesMax = 64;
const stepsMax = 24;
/** Of three the median is no gap. */
const lastSteps = 3;

/** Where the belt was in the last frames. Allocates nothing for a frame. */
export class RecentTravel {
  /** A ring. */
  readonly #encoderMm = new Float64Array(framesMax);
  #frames = 0;
  readonly #steps = new Float64Array(stepsMax);

  add(encoderMm: number): void {
    this.#encoderMm[this.#frames++ % framesMax] = encoderMm;
  }

  forget(): void {
    this.#frames = 0;
  }

  /** Frames in which what is at `xMm` when the encoder reads `encoderMm` stood whole in the view. */
  framesWith(xMm: number, diameterMm: number, encoderMm: number): number {
    let count = 0;
    for (let i = Math.min(this.#frames, framesMax) - 1; i >= 0; i--) {
      if (this.#encoderMm[i]! + xMm - encoderMm > diameterMm / 2) count++;
    }
    return count;
  }

  /** The usual travel from frame to frame, or that of the last frames where it was farther, at least 0: a belt may be speeding up. A gap where frames were lost predicts nothing, nor do steps of a belt that was run backward. */
  stepMm(): number {
    return Math.max(this.#medianStepMm(stepsMax), this.#medianStepMm(lastSteps));
  }

  /** Of so many last steps. */
  #medianStepMm(stepCount: number): number {
    const steps = this.#steps;
    const known = Math.max(0, Math.min(stepCount, this.#frames - 1));
    let count = 0;
    for (let i = 0; i < known; i++) {
      const newer = this.#frames - 1 - i;
      const step = this.#encoderMm[newer % framesMax]! - this.#encoderMm[(newer - 1) % framesMax]!;
      if (step < 0) continue;
      let at = count++;
      for (; at > 0 && steps[at - 1]! > step; at--) steps[at] = steps[at - 1]!;
      steps[at] = step;
    }
    return count === 0 ? 0 : steps[count >> 1]!;
  }
}
