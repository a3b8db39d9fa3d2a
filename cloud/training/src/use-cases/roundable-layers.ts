import { add, conv2d, relu, type Tensor, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import type { BuiltModel } from './build-model.ts';
import { NormalisedConvolution } from './normalised-convolution.ts';
import { roundedActivation, roundedFilter } from './straight-through.ts';

export interface RoundableLayer {
  /** From now on the layer answers, and learns, as an integer kernel that gives 0 to `high` will; undefined ends that. */
  roundTo(high: number | undefined): void;
}

/** The convolutions of a network that end in a ReLU, in its order. */
export function roundableLayers({ network, layers }: BuiltModel): RoundableLayer[] {
  return layers.flatMap((layer, at): RoundableLayer[] => {
    const spec = network.layers[at]!;
    if (layer instanceof NormalisedConvolution) return [layer];
    if (spec.kind !== 'convolution' || spec.activation !== 'relu') return [];
    return [roundable(layer, spec.stride)];
  });
}

/** TensorFlow.js' own layer of convolutions, which has no word for this. */
function roundable(layer: tfl.layers.Layer, stride: number): RoundableLayer {
  const own = layer.call;
  return {
    roundTo(high) {
      if (high === undefined) layer.call = own;
      else
        layer.call = (inputs) =>
          tidy(() => {
            const x = (Array.isArray(inputs) ? inputs[0]! : inputs) as Tensor4D;
            const [filter, bias] = layer.trainableWeights.map((weight) => weight.read()) as [Tensor, Tensor];
            const answer = conv2d(x, roundedFilter(filter) as Tensor4D, stride, 'same');
            return roundedActivation(relu(add(answer, bias)), high);
          });
    },
  };
}
