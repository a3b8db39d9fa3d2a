/**
 * A convolution of stride 2 straight on the images, as one that reads four pixels of a row as twelve channels of one and gives two of
 * its own as channels of one. ONNX Runtime's fast integer kernels want channels in multiples of 4, and make a list of addresses at
 * every run, one for each place of the kernel and each output: so there are two fifths of them. The images are
 * moved by their padding first, so that the pixels which two outputs see begin with a block; pixels and outputs lie in memory as they did.
 */
import { type Attribute, integers, resultOf, transpose, type Value } from '@pomona/onnx-backend/graph';

/** Outputs side by side that become one, and what they and their stride make of pixels. */
const outputs = 2;
const stride = 2;
const block = outputs * stride;

export interface FoldedColumns {
  /** uint8, the images as blocks, channels first. */
  readonly pixels: Value;
  readonly strides: readonly number[];
  readonly pads: readonly number[];
  /** Of the convolution's result. */
  readonly shape: readonly number[];
  /** The filter [out, in, rows, columns] for the blocks. ONNX Runtime computes it once, as it opens the file. */
  readonly filterOf: (filter: Value) => Value;
  /** Of each output channel something, for the channels of both outputs. */
  readonly perChannelOf: (values: Value) => Value;
  /** The result of the convolution, as the one of the whole images gives it. */
  readonly unfold: (result: Value) => Value;
}

/** `images` uint8 [n, rows, columns, 3], what the convolution reads with the channels first; undefined where the images do not come out even. */
export function foldColumns(convolution: Value, images: Value): FoldedColumns | undefined {
  const { inputs, attributes } = convolution.operation!;
  const { strides, pads, dilations, group } = attributes as Record<string, Attribute & { ints: number[] }>;
  const [n, rows, columns, channels] = images.shape as [number, number, number, number];
  const [filters, , height, width] = inputs[1]!.shape as [number, number, number, number];
  const isUsual = `${strides?.ints}/${dilations?.ints}` === `${stride},${stride}/1,1` && !group;
  if (!isUsual || columns % block !== 0 || rows % stride !== 0) return undefined;
  const [top, left, bottom] = pads!.ints as [number, number, number];
  const seen = Math.ceil((width + stride) / block);
  const blocks = columns / block - 1 + seen;
  const right = blocks * block - columns - left;
  if (right < 0) return undefined;
  const margins = integers([0, 0, left, 0, 0, 0, right, 0]);
  const moved = resultOf('Pad', [images, margins], 'uint8', [n, rows, blocks * block, channels]);
  const filterOf = (filter: Value): Value => {
    const wide = Array.from({ length: outputs }, (_, output) => {
      const before = output * stride;
      const after = seen * block - width - before;
      const sides = integers([0, 0, 0, before, 0, 0, 0, after]);
      return resultOf('Pad', [filter, sides], filter.type, [filters, channels, height, seen * block]);
    });
    const both = joined(wide, [outputs * filters, channels, height, seen * block]);
    const split = reshaped(both, [outputs * filters, channels, height, seen, block]);
    const turned = transpose(split, [0, 4, 1, 2, 3]);
    return reshaped(turned, [outputs * filters, block * channels, height, seen]);
  };
  const [, , rowsOut, columnsOut] = convolution.shape as [number, number, number, number];
  return {
    pixels: transpose(reshaped(moved, [n, rows, blocks, block * channels]), [0, 3, 1, 2]),
    strides: [stride, 1],
    pads: [top, 0, bottom, 0],
    shape: [n, outputs * filters, rowsOut, columnsOut / outputs],
    filterOf,
    perChannelOf: (values) => joined([values, values], [outputs * filters]),
    unfold: (result) => {
      const beside = reshaped(transpose(result, [0, 2, 3, 1]), [n, rowsOut, columnsOut, filters]);
      return transpose(beside, [0, 3, 1, 2]);
    },
  };
}

function joined(parts: readonly Value[], shape: readonly number[]): Value {
  return resultOf('Concat', parts, parts[0]!.type, shape, { axis: { int: 0 } });
}

function reshaped(x: Value, shape: readonly number[]): Value {
  return resultOf('Reshape', [x, integers(shape)], x.type, shape);
}
