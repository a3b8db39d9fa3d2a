/** Rules that move, repeat, cut and join, and compute nothing. */
import {
  type BroadCastToAttrs,
  backend_util,
  type ConcatAttrs,
  type ExpandDimsAttrs,
  type FillAttrs,
  type GatherV2Attrs,
  type OneHotAttrs,
  type PackAttrs,
  type PadV2Attrs,
  type ReshapeAttrs,
  type ReverseAttrs,
  type SliceAttrs,
  type SplitVAttrs,
  type StridedSliceAttrs,
  slice_util,
  type TileAttrs,
  type TransposeAttrs,
  type UnpackAttrs,
  util,
} from '@tensorflow/tfjs-core';
import {
  arrayOf,
  cast,
  concatenate,
  constantNumbers,
  expand,
  integers,
  pad,
  reshape,
  reverse,
  slice,
  transpose,
} from '../graph/build.ts';
import { elementwise } from '../graph/elementwise.ts';
import { type ElementType, resultOf, sizeOf, sourceOf, type Value } from '../graph/value.ts';
import type { Rules, Unary } from './rule.ts';

export const shapeRules: Rules = {
  Reshape: ({ x }: Unary, { shape }: ReshapeAttrs) =>
    reshape(x, util.inferFromImplicitShape([...shape], sizeOf(x.shape))),
  ExpandDims: ({ input }: { input: Value }, { dim }: ExpandDimsAttrs) => {
    const at = dim < 0 ? input.shape.length + 1 + dim : dim;
    return reshape(input, input.shape.toSpliced(at, 0, 1));
  },
  Transpose: ({ x }: Unary, { perm }: TransposeAttrs) => transpose(x, perm),
  BroadcastTo: ({ x }: Unary, { shape }: BroadCastToAttrs) => expand(x, shape),
  Tile: ({ x }: Unary, { reps }: TileAttrs) => {
    const shape = x.shape.map((length, axis) => length * reps[axis]!);
    // TensorFlow.js broadcasts by tiling axes of length 1.
    if (reps.every((times, axis) => times === 1 || x.shape[axis] === 1)) return expand(x, shape);
    return resultOf('Tile', [x, integers(reps)], x.type, shape);
  },
  PadV2: ({ x }: Unary, { paddings, constantValue }: PadV2Attrs) => pad(x, paddings, constantValue),
  Concat: (inputs: readonly Value[], attributes: ConcatAttrs) => {
    const shapes = inputs.map(({ shape }) => [...shape]);
    const [axis = 0] = util.parseAxisParam(attributes.axis, shapes[0]!);
    backend_util.assertParamsConsistent(shapes, axis);
    return concatenate(
      inputs.filter(({ shape }) => sizeOf(shape) > 0),
      axis,
    );
  },
  Pack: (inputs: readonly Value[], { axis }: PackAttrs) => {
    const at = axis < 0 ? axis + inputs[0]!.shape.length + 1 : axis;
    return concatenate(
      inputs.map((input) => reshape(input, input.shape.toSpliced(at, 0, 1))),
      at,
    );
  },
  Unpack: ({ value }: { value: Value }, { axis }: UnpackAttrs) => {
    const at = axis < 0 ? axis + value.shape.length : axis;
    const parts = split(value, at, new Array<number>(value.shape[at]!).fill(1));
    return parts.map((part) => reshape(part, value.shape.toSpliced(at, 1)));
  },
  SplitV: ({ x }: Unary, { numOrSizeSplits, axis }: SplitVAttrs) => {
    const [at = 0] = util.parseAxisParam(axis, [...x.shape]);
    const sizes = backend_util.prepareSplitSize(
      { shape: x.shape } as Parameters<typeof backend_util.prepareSplitSize>[0],
      numOrSizeSplits,
      at,
    );
    return split(x, at, sizes);
  },
  Slice: ({ x }: Unary, { begin, size }: SliceAttrs) => {
    const tensor = { shape: x.shape } as Parameters<typeof slice_util.parseSliceParams>[0];
    const [starts, sizes] = slice_util.parseSliceParams(tensor, begin, size);
    return slice(
      x,
      starts!,
      starts!.map((start, axis) => start + sizes![axis]!),
    );
  },
  StridedSlice: ({ x }: Unary, attributes: StridedSliceAttrs) => {
    const { begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } = attributes;
    const info = slice_util.sliceInfo(
      [...x.shape],
      begin,
      end,
      strides,
      beginMask,
      endMask,
      ellipsisMask,
      newAxisMask,
      shrinkAxisMask,
    );
    if (info.strides.some((step) => step < 0))
      throw new Error('no rule for StridedSlice with a negative step');
    return reshape(slice(x, info.begin, info.end, info.strides), info.finalShape);
  },
  Reverse: ({ x }: Unary, { dims }: ReverseAttrs) => reverse(x, util.parseAxisParam(dims, [...x.shape])),
  GatherV2: ({ x, indices }: { x: Value; indices: Value }, { axis, batchDims }: GatherV2Attrs) => {
    if (batchDims) throw new Error('no rule for GatherV2 with batchDims');
    const [at = 0] = util.parseAxisParam(axis, [...x.shape]);
    const shape = x.shape.toSpliced(at, 1, ...indices.shape);
    return resultOf('Gather', [x, indices], x.type, shape, { axis: { int: at } });
  },
  OneHot: ({ indices }: { indices: Value }, { depth, onValue, offValue, dtype }: OneHotAttrs) => {
    const classes = Array.from({ length: depth }, (_, index) => index);
    const equal = elementwise(
      'Equal',
      [reshape(indices, [...indices.shape, 1]), constantNumbers(indices.type, [depth], classes)],
      'bool',
    );
    const type = dtype as ElementType;
    if (onValue === 1 && offValue === 0) return cast(equal, type);
    const values = [onValue, offValue].map((value) => constantNumbers(type, [], [value]));
    return elementwise('Where', [equal, ...values], type);
  },
  /** The number is a source: it may change from step to step. */
  Fill: (_: object, { shape, value, dtype }: FillAttrs) => {
    if (typeof value !== 'number') throw new Error('no rule for Fill with text');
    const type = (dtype ?? 'float32') as ElementType;
    return expand(sourceOf(type, [], arrayOf(type, [value])), shape);
  },
  Range: (
    _: object,
    { start, stop, step, dtype }: { start: number; stop: number; step: number; dtype: ElementType },
  ) => {
    const length = Math.max(0, Math.ceil((stop - start) / step));
    const numbers = Array.from({ length }, (__, index) => start + index * step);
    return sourceOf(dtype, [length], arrayOf(dtype, numbers));
  },
};

function split(x: Value, axis: number, sizes: readonly number[]): Value[] {
  let from = 0;
  return sizes.map((size) => {
    const starts = x.shape.map((_, at) => (at === axis ? from : 0));
    const ends = x.shape.map((length, at) => (at === axis ? from + size : length));
    from += size;
    return slice(x, starts, ends);
  });
}
