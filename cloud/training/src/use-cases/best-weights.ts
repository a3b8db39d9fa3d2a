import type { Variable } from '@tensorflow/tfjs-core';
import { assignNumbers, numbersOf } from './variables.ts';

/** Keeps a copy of the weights that had the lowest loss. */
export class BestWeights {
  readonly #variables: readonly Variable[];
  #weights: readonly Float32Array[];
  #loss = Number.POSITIVE_INFINITY;
  #epoch = 0;

  constructor(variables: readonly Variable[]) {
    this.#variables = variables;
    this.#weights = numbersOf(variables);
  }

  /** The epoch whose weights are kept; 0 before the first. */
  get epoch(): number {
    return this.#epoch;
  }

  get loss(): number {
    return this.#loss;
  }

  get weights(): readonly Float32Array[] {
    return this.#weights;
  }

  /** Goes on from what an earlier process kept. */
  resume(
    weights: readonly Float32Array[],
    { epoch, loss }: { readonly epoch: number; readonly loss: number },
  ): void {
    this.#weights = weights;
    this.#epoch = epoch;
    this.#loss = loss;
  }

  /** True when the present weights are the best so far. */
  offer(loss: number, epoch: number): boolean {
    if (!(loss < this.#loss)) return false;
    this.#loss = loss;
    this.#epoch = epoch;
    this.#weights = numbersOf(this.#variables);
    return true;
  }

  restore(): void {
    assignNumbers(this.#variables, this.#weights);
  }
}
