/**
 * Convolutions by ONNX Runtime's own operations on blocks of channels (domain `com.microsoft.nchwc`, which its optimizer
 * uses for constant filters): direct, without unfolding the image, and twice as fast as `Conv`. All three products of
 * training become such a convolution:
 *
 *  - forward: itself;
 *  - input gradient: the pixels of one remainder modulo the stride see a fixed part of the filter, so each remainder is
 *    a convolution of stride 1 of the gradient with that part, reversed; their results are interleaved;
 *  - filter gradient: batch and channels change roles; the gradient is the filter, dilated by the stride.
 *
 * Filters are [out / block, in / block, h, w, block of in, block of out], or [out / block, in, h, w, block of out] where
 * `in` is less than one block, as for colours; the image then has its channels first. Each function answers undefined
 * for a shape that it cannot do.
 */
import { concatenate, pad, reshape, reverse, slice, transpose } from '../graph/build.ts';
import { blocked, channelsFirst, inLayout } from '../graph/layout.ts';
import { type Attributes, resultOf, type Value } from '../graph/value.ts';
import { type Span, spansOf, type Window, windowAttributes } from './window.ts';

const domain = 'com.microsoft.nchwc';

/** `x` [n, h, w, in], `filter` [h, w, in, out] */
export function blockedForward(x: Value, filter: Value, window: Window, block: number): Value | undefined {
  const { batchSize, inChannels, inHeight, inWidth, outChannels, outHeight, outWidth } = window;
  if (!fits(outChannels, block) || !(fits(inChannels, block) || inChannels < block)) return undefined;
  const image = inChannels < block ? inLayout(x, channelsFirst) : inLayout(x, blocked(block));
  return convolve(
    reshape(image, [batchSize, inChannels, inHeight, inWidth]),
    forwardFilter(filter, window, block),
    [batchSize, outChannels, outHeight, outWidth],
    windowAttributes(window),
    block,
  );
}

function forwardFilter(filter: Value, window: Window, block: number): Value {
  const { inChannels, outChannels, filterHeight, filterWidth } = window;
  const stored = [outChannels, inChannels, filterHeight, filterWidth];
  const outBlocks = outChannels / block;
  if (inChannels < block) {
    const split = reshape(filter, [filterHeight, filterWidth, inChannels, outBlocks, block]);
    return reshape(transpose(split, [3, 2, 0, 1, 4]), stored);
  }
  const split = reshape(filter, [filterHeight, filterWidth, inChannels / block, block, outBlocks, block]);
  return reshape(transpose(split, [4, 2, 0, 1, 3, 5]), stored);
}

/** `dy` [n, h, w, out], `filter` [h, w, in, out] → gradient [n, h, w, in] */
export function blockedInputGradient(
  dy: Value,
  filter: Value,
  window: Window,
  block: number,
): Value | undefined {
  const { batchSize, inChannels, inHeight, inWidth, outChannels, outHeight, outWidth } = window;
  const [rows, columns] = spansOf(window).map(remaindersOf);
  if (!rows || !columns || !fits(inChannels, block) || !fits(outChannels, block)) return undefined;
  const gradient = reshape(inLayout(dy, blocked(block)), [batchSize, outChannels, outHeight, outWidth]);
  const blocks = inChannels / block;
  const lines = rows.map((row) => {
    const parts = columns.map((column) => {
      const part = convolve(
        gradient,
        reversedPart(filter, row, column, window, block),
        [batchSize, inChannels, row.length, column.length],
        {
          dilations: { ints: [1, 1] },
          kernel_shape: { ints: [row.taps, column.taps] },
          pads: { ints: [row.before, column.before, row.after, column.after] },
          strides: { ints: [1, 1] },
        },
        block,
      );
      return reshape(part.stored!.value, [batchSize, blocks, row.length, column.length, 1, block]);
    });
    return reshape(concatenate(parts, 4), [batchSize, blocks, row.length, 1, inWidth * block]);
  });
  const whole = reshape(concatenate(lines, 3), [batchSize, blocks, inHeight, inWidth, block]);
  return blocked(block).unpack(whole);
}

/** The pixels of one remainder, along one axis: which taps of the filter they see, and how far they reach over. */
interface Remainder {
  readonly first: number;
  readonly taps: number;
  readonly before: number;
  readonly after: number;
  readonly length: number;
}

/**
 * Pixel p = a + stride·t sees the taps f ≡ p + before (mod stride). With r the first of them and f = r + stride·j, tap j
 * meets the gradient at (a + before − r) / stride + t − j. Undefined where the remainders differ in length, have no tap
 * at all, or would need less than no padding.
 */
function remaindersOf(span: Span): Remainder[] | undefined {
  const { input, output, filter, stride, before } = span;
  if (input % stride !== 0) return undefined;
  const length = input / stride;
  const remainders = Array.from({ length: stride }, (_, a): Remainder => {
    const first = (a + before) % stride;
    const taps = Math.ceil((filter - first) / stride);
    const reach = taps - 1 - (a + before - first) / stride;
    return { first, taps, before: reach, after: length + taps - 1 - output - reach, length };
  });
  const possible = remainders.every((each) => each.taps > 0 && each.before >= 0 && each.after >= 0);
  return possible ? remainders : undefined;
}

/** The taps of one remainder, last first, as a filter from `out` to `in`. */
function reversedPart(
  filter: Value,
  row: Remainder,
  column: Remainder,
  window: Window,
  block: number,
): Value {
  const { inChannels, outChannels, strideHeight, strideWidth, filterHeight, filterWidth } = window;
  const whole = [filterHeight, filterWidth, inChannels, outChannels];
  const part = slice(filter, [row.first, column.first, 0, 0], whole, [strideHeight, strideWidth, 1, 1]);
  const split = reshape(reverse(part, [0, 1]), [
    ...[row.taps, column.taps],
    ...[inChannels / block, block],
    ...[outChannels / block, block],
  ]);
  return reshape(transpose(split, [2, 4, 0, 1, 5, 3]), [inChannels, outChannels, row.taps, column.taps]);
}

/** `x` [n, h, w, in], `dy` [n, h, w, out] → gradient [h, w, in, out] */
export function blockedFilterGradient(x: Value, dy: Value, window: Window, block: number): Value | undefined {
  const { batchSize, inChannels, outChannels, outHeight, outWidth, filterHeight, filterWidth } = window;
  if (!fits(outChannels, block)) return undefined;
  // The batch takes the place of the channels: it is filled up with empty images to whole blocks.
  const batch = Math.ceil(batchSize / block) * block;
  const empty = [0, batch - batchSize] as const;
  const [rows, columns] = spansOf(window);
  const [overRows, overColumns] = [lastPadding(rows), lastPadding(columns)];
  // Rows are padded by the convolution, which is cheap; columns beforehand, or its inner loop slows down.
  const padded = pad(
    inLayout(x, channelsFirst),
    [empty, [0, 0], [0, Math.min(0, overRows)], [columns.before, overColumns]],
    0,
  );
  const exchanged = transpose(padded, [1, 0, 2, 3]);
  const images = resultOf('ReorderInput', [exchanged], x.type, exchanged.shape, {}, domain);

  const gradient = pad(inLayout(dy, blocked(block)), [empty, [0, 0], [0, 0], [0, 0], [0, 0]], 0);
  const split = reshape(gradient, [batch / block, block, outChannels / block, outHeight * outWidth, block]);
  const filters = reshape(transpose(split, [2, 0, 3, 1, 4]), [outChannels, batch, outHeight, outWidth]);
  const result = convolve(
    images,
    filters,
    [inChannels, outChannels, filterHeight, filterWidth],
    {
      dilations: { ints: [window.strideHeight, window.strideWidth] },
      kernel_shape: { ints: [outHeight, outWidth] },
      pads: { ints: [rows.before, 0, Math.max(0, overRows), 0] },
      strides: { ints: [window.dilationHeight, window.dilationWidth] },
    },
    block,
  );
  return transpose(result, [1, 2, 0, 3]);
}

/** What must follow the input so that the gradient, dilated, fits at every tap and nowhere else; negative: too much. */
function lastPadding({ input, output, filter, stride, before }: Span): number {
  return stride * (output - 1) + filter - input - before;
}

/** Returns [n, h, w, out], stored in blocks. */
function convolve(
  image: Value,
  filter: Value,
  shape: readonly [number, number, number, number],
  attributes: Attributes,
  block: number,
): Value {
  const [n, channels, height, width] = shape;
  const all = { ...attributes, group: { int: 1 } };
  const result = resultOf('Conv', [image, filter], image.type, shape, all, domain);
  return blocked(block).unpack(reshape(result, [n, channels / block, height, width, block]));
}

/** Never on a machine without blocks (0). */
function fits(channels: number, block: number): boolean {
  return block > 0 && channels % block === 0;
}
