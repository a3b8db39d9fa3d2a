import type { Variable } from '@tensorflow/tfjs-core';
import { assignNumbers, numbersOf } from './variables.ts';

/** Neighbouring steps differ by little: the mean needs only some of them. */
const stepsBetween = 8;
/** In the beginning the mean is of about so small a share of all steps so far, since the first ones know nothing. */
const earlyShare = 0.1;

/**
 * A running mean of the weights (Polyak and Juditsky 1992; Izmailov et al. 2018): each step follows its own batch, their mean
 * follows none, and does better on images that are unlike those of the training. Reaches back about `steps`; with 0 there is
 * none, and the weights stand for themselves.
 */
export class AveragedWeights {
  readonly #variables: readonly Variable[];
  readonly #steps: number;
  #mean: readonly Float32Array[] = [];

  constructor(variables: readonly Variable[], steps: number) {
    this.#variables = variables;
    this.#steps = steps;
    if (steps > 0) this.#mean = numbersOf(variables);
  }

  /** Empty where there is none. */
  get mean(): readonly Float32Array[] {
    return this.#mean;
  }

  /** Goes on from what an earlier process had. */
  resume(mean: readonly Float32Array[]): void {
    this.#mean = mean;
  }

  /** The weights after so many steps. */
  add(done: number): void {
    if (this.#steps === 0 || done % stepsBetween !== 0) return;
    const reach = Math.max(stepsBetween, Math.min(this.#steps, earlyShare * done));
    const share = stepsBetween / reach;
    numbersOf(this.#variables).forEach((now, at) => {
      const mean = this.#mean[at]!;
      for (let i = 0; i < mean.length; i++) mean[i]! += (now[i]! - mean[i]!) * share;
    });
  }

  /** Does something while the network has the mean for its weights. */
  async during<T>(act: () => Promise<T>): Promise<T> {
    if (this.#steps === 0) return act();
    const present = numbersOf(this.#variables);
    assignNumbers(this.#variables, this.#mean);
    try {
      return await act();
    } finally {
      assignNumbers(this.#variables, present);
    }
  }
}
