/** Pooling and its gradients, which spread each window's share back over its pixels. */
import { backend_util, type MaxPoolAttrs, type MaxPoolGradAttrs } from '@tensorflow/tfjs-core';
import { constantNumber, constantNumbers, expand, pad, reshape } from '../graph/build.ts';
import { elementwise } from '../graph/elementwise.ts';
import { channelsFirst, inLayout } from '../graph/layout.ts';
import { resultOf, type Value } from '../graph/value.ts';
import type { Rules, Unary } from './rule.ts';
import { patches, pickingFilter } from './standard-convolutions.ts';
import { spansOf, uncoveredOf, type Window, windowAttributes } from './window.ts';

const lowestFloat = -3.4028234663852886e38;

export const poolingRules: Rules = {
  MaxPool: ({ x }: Unary, attributes: MaxPoolAttrs) => pool('MaxPool', x, infoOf(x.shape, attributes)),
  AvgPool: ({ x }: Unary, attributes: MaxPoolAttrs) => pool('AveragePool', x, infoOf(x.shape, attributes)),
  MaxPoolGrad: ({ dy, input }: { dy: Value; input: Value }, attributes: MaxPoolGradAttrs) => {
    const info = infoOf(input.shape, attributes);
    const { top, bottom, left, right } = info.padInfo;
    const padded = pad(
      inLayout(input, channelsFirst),
      [
        [0, 0],
        [0, 0],
        [top, bottom],
        [left, right],
      ],
      lowestFloat,
    );
    const unpadded = { ...info, padInfo: { ...info.padInfo, top: 0, bottom: 0, left: 0, right: 0 } };
    const window = info.filterHeight * info.filterWidth;
    const positions = info.outHeight * info.outWidth;
    const pixels = reshape(patches(padded, unpadded), [info.batchSize, info.inChannels, window, positions]);
    // The first of equal pixels takes all, as in TensorFlow.
    const first = resultOf('ArgMax', [pixels], 'int64', [info.batchSize, info.inChannels, 1, positions], {
      axis: { int: 2 },
      keepdims: { int: 1 },
    });
    const order = Array.from({ length: window }, (_, at) => at);
    const chosen = elementwise('Equal', [first, constantNumbers('int64', [window, 1], order)], 'bool');
    const share = reshape(inLayout(dy, channelsFirst), [info.batchSize, info.inChannels, 1, positions]);
    const spread = elementwise('Where', [chosen, share, constantNumber('float32', 0)], 'float32');
    return scatter(
      reshape(spread, [info.batchSize, info.inChannels * window, info.outHeight, info.outWidth]),
      pickingFilter(info),
      info,
    );
  },
  AvgPoolGrad: ({ dy, input }: { dy: Value; input: Value }, attributes: MaxPoolGradAttrs) => {
    const info = infoOf(input.shape, attributes);
    const plane = expand(constantNumber('float32', 1), [1, 1, info.inHeight, info.inWidth]);
    const ones = (channels: number): Value =>
      constantNumbers(
        'float32',
        [channels, 1, info.filterHeight, info.filterWidth],
        new Array<number>(channels * info.filterHeight * info.filterWidth).fill(1),
      );
    // Padding does not count: a window at the edge divides by fewer pixels.
    const counts = resultOf(
      'Conv',
      [plane, ones(1)],
      'float32',
      [1, 1, info.outHeight, info.outWidth],
      windowAttributes(info),
    );
    return scatter(elementwise('Div', [inLayout(dy, channelsFirst), counts]), ones(info.inChannels), info);
  },
};

function pool(name: 'MaxPool' | 'AveragePool', x: Value, info: Window): Value {
  const { dilations: _, ...window } = windowAttributes(info);
  const shape = [info.batchSize, info.inChannels, info.outHeight, info.outWidth];
  return channelsFirst.unpack(resultOf(name, [inLayout(x, channelsFirst)], x.type, shape, window));
}

/** Adds what each position holds for its window's pixels to those pixels: the reverse of `patches`. */
function scatter(spread: Value, filter: Value, info: Window): Value {
  const shape = [info.batchSize, info.inChannels, info.inHeight, info.inWidth];
  const result = resultOf('ConvTranspose', [spread, filter], 'float32', shape, {
    ...windowAttributes(info),
    group: { int: info.inChannels },
    output_padding: { ints: spansOf(info).map(uncoveredOf) },
  });
  return channelsFirst.unpack(result);
}

function infoOf(input: readonly number[], attributes: MaxPoolAttrs): Window {
  const { filterSize, strides, pad: padding, dimRoundingMode } = attributes;
  return backend_util.computePool2DInfo(
    input as [number, number, number, number],
    filterSize,
    strides,
    1,
    padding,
    dimRoundingMode,
  );
}
