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
 * Per output channel. `filter` float32 [out, in, …], `bias` float32 [out], `inputScale` of the convolution's input, and
 * `inputMeans` [in]: what rounding the weights adds to the mean of an output is taken from its bias (Nagel et al. 2019, section 4.2).
 */
export function quantizeFilter(
  filter: Float32Array,
  bias: Float32Array,
  inputScale: number,
  inputMeans?: ArrayLike<number>,
): QuantizedFilter {
  const length = filter.length / bias.length;
  const weights = new Int8Array(filter.length);
  const scales = new Float32Array(bias.length);
  for (let channel = 0; channel < bias.length; channel++) {
    const own = filter.subarray(channel * length, (channel + 1) * length);
    const peak = own.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
    // The bias must fit as well: a channel of tiny weights and a large bias gets a larger step.
    const scale = Math.max(peak / largest, Math.abs(bias[channel]!) / (inputScale * int32Max));
    scales[channel] = scale > 0 ? scale : 1;
    own.forEach((weight, at) => {
      weights[channel * length + at] = Math.max(
        -largest,
        Math.min(largest, Math.round(weight / scales[channel]!)),
      );
    });
  }
  const added = (channel: number): number => {
    if (inputMeans === undefined) return 0;
    const perInput = length / inputMeans.length;
    let sum = 0;
    for (let at = 0; at < length; at++) {
      const stored = weights[channel * length + at]! * scales[channel]!;
      sum += (stored - filter[channel * length + at]!) * inputMeans[Math.floor(at / perInput)]!;
    }
    return sum;
  };
  const steps = Int32Array.from(bias, (each, channel) => {
    const step = Math.round((each - added(channel)) / (inputScale * scales[channel]!));
    return Math.max(-int32Max, Math.min(int32Max, step));
  });
  return { weights, scales, bias: steps };
}
