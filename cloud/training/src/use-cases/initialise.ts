import {
  add,
  conv2d,
  div,
  moments,
  mul,
  neg,
  sqrt,
  type Tensor,
  type Tensor4D,
  tidy,
} from '@tensorflow/tfjs-core';
import type { BuiltModel } from './build-model.ts';

/**
 * Scales and shifts the random filters so that each answers real images with mean 0 and deviation 1, layer by layer
 * (Krähenbühl et al. 2016, section 3.1). Pixels are never negative, so that otherwise most filters see little but the
 * brightness, and training takes several times as long to start. Costs one pass, where batch normalisation of every
 * layer would cost as much again in every step.
 */
export function initialise(model: BuiltModel, pixels: Tensor): void {
  tidy(() => {
    let x: Tensor = mul(pixels, model.network.pixelScale);
    for (const [at, spec] of model.network.layers.entries()) {
      if (spec.kind !== 'convolution') return;
      const layer = model.layers[at]!;
      const [kernel, bias] = layer.getWeights();
      const answer = conv2d(x as Tensor4D, kernel as Tensor4D, spec.stride, 'same');
      const { mean, variance } = moments(answer, [0, 1, 2]);
      const gain = div(1, sqrt(add(variance, tiny)));
      layer.setWeights([mul(kernel!, gain), mul(add(bias!, neg(mean)), gain)]);
      x = layer.apply(x) as Tensor;
    }
  });
}

const tiny = 1e-6;
