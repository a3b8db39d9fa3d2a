import { tensor, type Variable } from '@tensorflow/tfjs-core';

/** Keeps a copy of the weights that had the lowest loss. */
export class BestWeights {
  readonly #variables: readonly Variable[];
  #weights: readonly Float32Array[];
  #loss = Number.POSITIVE_INFINITY;
  #epoch = 0;

  constructor(variables: readonly Variable[]) {
    this.#variables = variables;
    this.#weights = copyOf(variables);
  }

  /** The epoch whose weights are kept; 0 before the first. */
  get epoch(): number {
    return this.#epoch;
  }

  /** True when the present weights are the best so far. */
  offer(loss: number, epoch: number): boolean {
    if (!(loss < this.#loss)) return false;
    this.#loss = loss;
    this.#epoch = epoch;
    this.#weights = copyOf(this.#variables);
    return true;
  }

  restore(): void {
    this.#variables.forEach((variable, at) => {
      const value = tensor(this.#weights[at]!, variable.shape);
      variable.assign(value);
      value.dispose();
    });
  }
}

function copyOf(variables: readonly Variable[]): Float32Array[] {
  return variables.map((variable) => Float32Array.from(variable.dataSync()));
}
