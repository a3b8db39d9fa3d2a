import { type Rounding, roundingBy } from './round-together.ts';

/** What the weights of a filter or of a matrix's column are multiplied with. */
export interface Heard {
  /** Of each weight's input. */
  readonly means: Float64Array;
  readonly rounding: Rounding;
}

/** Adds up inputs as they come, each in the order of the weights. */
export class HeardSums {
  readonly #sums: Float64Array;
  /** [inputs, inputs]; the half above the diagonal. */
  readonly #products: Float64Array;
  #count = 0;

  constructor(inputs: number) {
    this.#sums = new Float64Array(inputs);
    this.#products = new Float64Array(inputs * inputs);
  }

  add(inputs: Float32Array): void {
    const [sums, products] = [this.#sums, this.#products];
    const { length } = inputs;
    this.#count++;
    for (let a = 0; a < length; a++) {
      const input = inputs[a]!;
      // Much of what a ReLU gives, and all of the background.
      if (input === 0) continue;
      sums[a]! += input;
      for (let b = a; b < length; b++) products[a * length + b]! += input * inputs[b]!;
    }
  }

  /** `isCentred`: what rounding adds on the mean is made up for elsewhere, so that only what differs from it counts. */
  heard(isCentred: boolean): Heard {
    const count = Math.max(1, this.#count);
    const means = this.#sums.map((sum) => sum / count);
    const { length } = means;
    const covariance = new Float64Array(length * length);
    for (let a = 0; a < length; a++) {
      for (let b = a; b < length; b++) {
        const product = this.#products[a * length + b]! / count;
        const own = isCentred ? product - means[a]! * means[b]! : product;
        covariance[a * length + b] = own;
        covariance[b * length + a] = own;
      }
    }
    return { means, rounding: roundingBy(covariance) };
  }
}
