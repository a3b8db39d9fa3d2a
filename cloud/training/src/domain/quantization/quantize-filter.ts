import type { Heard } from './heard.ts';
import { type Rounding, roundTogether } from './round-together.ts';

export interface QuantizedFilter {
  /** int8 [out, …], -127 to 127: symmetric, so that a product needs no correction for a zero point. */
  readonly weights: Int8Array;
  /** float32 [out], one step of each output channel. */
  readonly scales: Float32Array;
  /** int32 [out], in steps of `scales` times the input's scale. */
  readonly bias: Int32Array;
}

const largest = 127;
const int32Max = 2 ** 31 - 1;

/**
 * Per output channel. `filter` float32 [out, in, …], `bias` float32 [out], `inputScale` of the convolution's input. With what the filter hears, weights
 * are rounded together, and what that still adds to the mean of an output is taken from its bias (Nagel et al. 2019, section 4.2).
 */
export function quantizeFilter(
  filter: Float32Array,
  bias: Float32Array,
  inputScale: number,
  heard?: Heard,
): QuantizedFilter {
  const length = filter.length / bias.length;
  const weights = new Int8Array(filter.length);
  const scales = new Float32Array(bias.length);
  const steps = Int32Array.from(bias, (each, channel) => {
    const own = filter.subarray(channel * length, (channel + 1) * length);
    // The bias must fit as well: a channel of tiny weights and a large bias gets a larger step.
    const rounded = roundedWeights(own, Math.abs(each) / (inputScale * int32Max), heard?.rounding);
    weights.set(rounded.weights, channel * length);
    scales[channel] = rounded.scale;
    const added = own.reduce((sum, weight, at) => {
      const stored = rounded.weights[at]! * rounded.scale;
      return sum + (stored - weight) * (heard?.means[at] ?? 0);
    }, 0);
    const step = Math.round((each - added) / (inputScale * rounded.scale));
    return Math.max(-int32Max, Math.min(int32Max, step));
  });
  return { weights, scales, bias: steps };
}

/** In int8, with a step as small as the largest of them allows, at least `scaleMin`. */
export function roundedWeights(
  weights: Float32Array,
  scaleMin: number,
  rounding?: Rounding,
): { readonly weights: Int8Array; readonly scale: number } {
  const peak = weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
  // What is nothing but zeros fits any step.
  const scale = Math.fround(Math.max(peak / largest, scaleMin)) || 1;
  if (rounding) return { weights: roundTogether(weights, scale, largest, rounding), scale };
  const nearest = Int8Array.from(weights, (weight) =>
    Math.max(-largest, Math.min(largest, Math.round(weight / scale))),
  );
  return { weights: nearest, scale };
}
