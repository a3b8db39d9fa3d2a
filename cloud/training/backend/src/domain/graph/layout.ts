/**
 * TensorFlow.js sees images as [n, height, width, channels]. Convolutions store them otherwise: with the channels first,
 * or in blocks of channels. A convolution's result is therefore a rearrangement of what it really computes, and says
 * so (`stored`). Element-wise operations and reductions work on what is stored and rearrange their own result instead,
 * so that two convolutions in a row meet without any copy; a rearrangement that nobody reads is never computed.
 */
import { reshape, transpose } from './build.ts';
import { inputOf, type Layout, resultOf, type Stored, type Value } from './value.ts';

/** [n, c, h, w] */
export const channelsFirst: Layout = {
  name: 'channels first',
  axes: [[0], [2], [3], [1]],
  pack: (x) => transpose(x, [0, 3, 1, 2]),
  unpack: (stored) => storedAs(channelsFirst, stored, transpose(stored, [0, 2, 3, 1])),
};

const blockedLayouts = new Map<number, Layout>();

/** [n, c / block, h, w, block] */
export function blocked(block: number): Layout {
  const known = blockedLayouts.get(block);
  if (known) return known;
  const layout: Layout = {
    name: `blocks of ${block}`,
    axes: [[0], [2], [3], [1, 4]],
    pack: (x) => {
      const [n, h, w, c] = x.shape as [number, number, number, number];
      const inner = c === 1 ? 1 : block;
      return transpose(reshape(x, [n, h, w, c / inner, inner]), [0, 3, 1, 2, 4]);
    },
    unpack: (stored) => {
      const [n, blocks, h, w, inner] = stored.shape as [number, number, number, number, number];
      return storedAs(layout, stored, reshape(transpose(stored, [0, 2, 3, 1, 4]), [n, h, w, blocks * inner]));
    },
  };
  blockedLayouts.set(block, layout);
  return layout;
}

/** An image tensor [n, h, w, c] in a layout. */
export function inLayout(x: Value, layout: Layout): Value {
  const { stored } = x;
  if (stored?.layout === layout) return stored.value;
  if (stored && layout === channelsFirst) return unblocked(stored);
  return layout.pack(x);
}

/** An operand that broadcasts against [n, h, w, c], in a layout. */
export function operandInLayout(x: Value, layout: Layout): Value {
  if (x.shape.length === 0) return x;
  if (x.stored?.layout === layout) return x.stored.value;
  const missing = new Array<number>(4 - x.shape.length).fill(1);
  return layout.pack(reshape(x, [...missing, ...x.shape]));
}

function unblocked({ value }: Stored): Value {
  const [n, blocks, h, w, block] = value.shape as [number, number, number, number, number];
  const shape = [n, blocks * block, h, w];
  const attributes = { channels: { int: blocks * block } };
  return resultOf(
    'ReorderOutput',
    [reshape(value, shape)],
    value.type,
    shape,
    attributes,
    'com.microsoft.nchwc',
  );
}

function storedAs(layout: Layout, stored: Value, x: Value): Value {
  // A rearrangement may turn out to be the very same value, which then must not point to itself.
  if (x !== stored && !x.data) x.stored = { layout, value: stored };
  return x;
}

/** The convolution that `x` is the result of, whatever its layout. */
export function convolutionBehind(x: Value): Value | undefined {
  const value = x.stored?.value;
  const convolution = value?.operation?.name === 'Reshape' ? inputOf(value, 'Reshape') : value;
  return convolution?.operation?.name === 'Conv' ? convolution : undefined;
}

/** `x` with another operation in the place of the convolution that it is the result of. */
export function withConvolution(x: Value, convolution: Value): Value {
  const { layout, value } = x.stored!;
  return layout.unpack(reshape(convolution, value.shape));
}
