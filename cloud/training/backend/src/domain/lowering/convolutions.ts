import type {
  Conv2DAttrs,
  Conv2DBackpropFilterAttrs,
  Conv2DBackpropInputAttrs,
  FusedConv2DAttrs,
} from '@tensorflow/tfjs-core';
import type { Value } from '../graph/value.ts';
import { activate } from './activation.ts';
import { add, convolutionWithBias } from './arithmetic.ts';
import { blockedFilterGradient, blockedForward, blockedInputGradient } from './blocked-convolutions.ts';
import {
  pointwiseFilterGradient,
  pointwiseForward,
  pointwiseInputGradient,
} from './pointwise-convolutions.ts';
import type { Rules, Target } from './rule.ts';
import { standardFilterGradient, standardForward, standardInputGradient } from './standard-convolutions.ts';
import { isDilated, windowOf } from './window.ts';

interface FusedInputs {
  readonly x: Value;
  readonly filter: Value;
  readonly bias?: Value;
  readonly preluActivationWeights?: Value;
}

/** In blocks of channels where the machine has them and the shape allows it, else by standard operations. */
export const convolutionRules: Rules = {
  Conv2D: ({ x, filter }: { x: Value; filter: Value }, attributes: Conv2DAttrs, target) =>
    forward(x, filter, attributes, target),
  FusedConv2D: ({ x, filter, ...fused }: FusedInputs, attributes: FusedConv2DAttrs, target) => {
    const plain = forward(x, filter, attributes, target);
    const biased = fused.bias ? (convolutionWithBias(plain, fused.bias) ?? add(plain, fused.bias)) : plain;
    return activate(biased, attributes.activation, fused.preluActivationWeights, attributes.leakyreluAlpha);
  },
  Conv2DBackpropInput: (
    { dy, filter }: { dy: Value; filter: Value },
    attributes: Conv2DBackpropInputAttrs,
    { channelBlock }: Target,
  ) => {
    const window = windowOf(attributes.inputShape, filter.shape, attributes);
    if (isDilated(window)) return standardInputGradient(dy, filter, window);
    return (
      blockedInputGradient(dy, filter, window, channelBlock) ??
      pointwiseInputGradient(dy, filter, window, channelBlock) ??
      standardInputGradient(dy, filter, window)
    );
  },
  Conv2DBackpropFilter: (
    { x, dy }: { x: Value; dy: Value },
    attributes: Conv2DBackpropFilterAttrs,
    { channelBlock }: Target,
  ) => {
    const window = windowOf(x.shape, attributes.filterShape, attributes);
    if (isDilated(window)) return standardFilterGradient(x, dy, window);
    return (
      blockedFilterGradient(x, dy, window, channelBlock) ??
      pointwiseFilterGradient(x, dy, window) ??
      standardFilterGradient(x, dy, window)
    );
  },
};

function forward(x: Value, filter: Value, attributes: Conv2DAttrs, { channelBlock }: Target): Value {
  const window = windowOf(x.shape, filter.shape, attributes);
  return (
    blockedForward(x, filter, window, channelBlock) ??
    pointwiseForward(x, filter, window) ??
    standardForward(x, filter, window)
  );
}
