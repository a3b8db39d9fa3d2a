import {
  add,
  concat,
  div,
  mul,
  reshape,
  type Scalar,
  split,
  sqrt,
  square,
  sub,
  type Tensor,
  type Variable,
  variable,
  variableGrads,
  zeros,
} from '@tensorflow/tfjs-core';
import { assignNumbers, numbersOf } from './variables.ts';

export interface AdamSettings {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/**
 * Adam (Kingma and Ba 2015, section 2, with the corrections folded into rate and epsilon as described there) over all
 * variables as one vector. TensorFlow.js' own takes a dozen operations for each variable, which for small networks cost
 * more than their arithmetic.
 */
export class FlatAdam {
  readonly #variables: Variable[];
  readonly #sizes: number[];
  readonly #settings: AdamSettings;
  readonly #first: Variable;
  readonly #second: Variable;
  #steps = 0;

  constructor(variables: readonly Variable[], settings: AdamSettings) {
    this.#variables = [...variables];
    this.#sizes = variables.map(({ size }) => size);
    this.#settings = settings;
    const size = this.#sizes.reduce((sum, each) => sum + each, 0);
    this.#first = variable(zeros([size]), false);
    this.#second = variable(zeros([size]), false);
    // Known from the start, they make the first step's graph the same as every other's.
    this.#first.dataSync();
    this.#second.dataSync();
  }

  /** One step down the gradient of `loss`, whose value it returns. To be called inside a `tidy`. */
  minimise(loss: () => Scalar, learningRate: number): Scalar {
    const { value, grads } = variableGrads(loss, this.#variables);
    const gradient = concat(this.#variables.map(({ name }) => reshape(grads[name]!, [-1])));
    const { beta1, beta2, epsilon } = this.#settings;
    this.#steps++;
    const correction = Math.sqrt(1 - beta2 ** this.#steps);
    const first = add(mul(this.#first, beta1), mul(gradient, 1 - beta1));
    const second = add(mul(this.#second, beta2), mul(square(gradient), 1 - beta2));
    const rate = (learningRate * correction) / (1 - beta1 ** this.#steps);
    const change = div(mul(first, rate), add(sqrt(second), epsilon * correction));
    this.#first.assign(first);
    this.#second.assign(second);
    this.#move(split(change, this.#sizes));
    return value;
  }

  /** First and second moments. */
  get moments(): readonly Float32Array[] {
    return numbersOf([this.#first, this.#second]);
  }

  /** Goes on after so many steps. */
  resume(moments: readonly Float32Array[], steps: number): void {
    assignNumbers([this.#first, this.#second], moments);
    this.#steps = steps;
  }

  dispose(): void {
    this.#first.dispose();
    this.#second.dispose();
  }

  #move(changes: readonly Tensor[]): void {
    this.#variables.forEach((each, at) => {
      each.assign(sub(each, reshape(changes[at]!, each.shape)));
    });
  }
}
