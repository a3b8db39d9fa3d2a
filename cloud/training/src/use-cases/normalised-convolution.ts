import {
  add,
  conv2d,
  mean,
  mul,
  relu,
  rsqrt,
  type serialization,
  square,
  sub,
  type Tensor,
  type Tensor4D,
  tidy,
} from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { roundedActivation, roundedFilter } from './straight-through.ts';

interface Settings {
  readonly filters: number;
  readonly kernel: number;
  readonly stride: number;
  readonly momentum: number;
  readonly seed: number;
}

/** Against division by 0 where a filter answers nothing. */
const epsilon = 1e-3;

/**
 * Convolution without bias, batch normalisation (Ioffe and Szegedy 2015) and ReLU. In training the figures of the batch
 * normalise it and move the running ones; otherwise those are multiplied into the filter first (section 3.1 there), which
 * in a traced graph depends on no image and is therefore computed once, when the model is exported.
 */
export class NormalisedConvolution extends tfl.layers.Layer {
  static className = 'NormalisedConvolution';
  readonly #settings: Settings;
  #filter: tfl.LayerVariable | undefined;
  #scale: tfl.LayerVariable | undefined;
  #offset: tfl.LayerVariable | undefined;
  #mean: tfl.LayerVariable | undefined;
  #variance: tfl.LayerVariable | undefined;
  /** The upper end of uint8 activations; undefined for floats. */
  #high: number | undefined;

  constructor({ filters, kernel, stride, momentum, seed }: Settings) {
    super({});
    this.#settings = { filters, kernel, stride, momentum, seed };
  }

  override build(shape: tfl.Shape | tfl.Shape[]): void {
    const { filters, kernel, seed } = this.#settings;
    const channels = (shape as tfl.Shape)[3]!;
    const { heNormal, ones, zeros } = tfl.initializers;
    const figures = (name: string, initializer: ReturnType<typeof ones>, isTrained: boolean) =>
      this.addWeight(name, [filters], 'float32', initializer, undefined, isTrained);
    this.#filter = this.addWeight(
      'filter',
      [kernel, kernel, channels, filters],
      'float32',
      heNormal({ seed }),
    );
    this.#scale = figures('scale', ones(), true);
    this.#offset = figures('offset', zeros(), true);
    this.#mean = figures('mean', zeros(), false);
    this.#variance = figures('variance', ones(), false);
    this.built = true;
  }

  override computeOutputShape(shape: tfl.Shape): tfl.Shape {
    const { filters, stride } = this.#settings;
    const along = (length: number | null) => length && Math.ceil(length / stride);
    return [shape[0]!, along(shape[1]!)!, along(shape[2]!)!, filters];
  }

  override call(inputs: Tensor | Tensor[], { training = false }: { training?: boolean }): Tensor {
    return tidy(() => {
      const x = (Array.isArray(inputs) ? inputs[0]! : inputs) as Tensor4D;
      const filter = this.#filter!.read();
      if (this.#high !== undefined) return this.#rounded(x, filter, this.#high);
      return relu(training ? this.#normalised(x, filter) : this.#folded(x, filter));
    });
  }

  /** From now on it answers, and learns, as an integer kernel that gives 0 to `high` will; undefined ends that. */
  roundTo(high: number | undefined): void {
    this.#high = high;
  }

  #normalised(x: Tensor4D, filter: Tensor): Tensor {
    const answer = this.#convolve(x, filter);
    const centre = mean(answer, [0, 1, 2]);
    // In floats the difference of two large squares that are alike may be less than nothing.
    const variance = relu(sub(mean(square(answer), [0, 1, 2]), square(centre)));
    this.#move(this.#mean!, centre);
    this.#move(this.#variance!, variance);
    const { factor, offset } = this.#line(centre, variance);
    return add(mul(answer, factor), offset);
  }

  #folded(x: Tensor4D, filter: Tensor): Tensor {
    const { factor, offset } = this.#line(this.#mean!.read(), this.#variance!.read());
    return add(this.#convolve(x, mul(filter, factor)), offset);
  }

  #rounded(x: Tensor4D, filter: Tensor, high: number): Tensor {
    const { factor, offset } = this.#line(this.#mean!.read(), this.#variance!.read());
    const answer = add(this.#convolve(x, roundedFilter(mul(filter, factor))), offset);
    return roundedActivation(relu(answer), high);
  }

  /** Normalisation is a straight line: `factor` times the answer plus `offset`. */
  #line(centre: Tensor, variance: Tensor): { factor: Tensor; offset: Tensor } {
    const factor = mul(this.#scale!.read(), rsqrt(add(variance, epsilon)));
    return { factor, offset: sub(this.#offset!.read(), mul(centre, factor)) };
  }

  #convolve(x: Tensor4D, filter: Tensor): Tensor {
    return conv2d(x, filter as Tensor4D, this.#settings.stride, 'same');
  }

  #move(running: tfl.LayerVariable, now: Tensor): void {
    const { momentum } = this.#settings;
    running.write(add(mul(running.read(), momentum), mul(now, 1 - momentum)));
  }

  override getConfig(): serialization.ConfigDict {
    return { ...super.getConfig(), ...this.#settings };
  }
}
