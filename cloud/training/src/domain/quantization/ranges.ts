/** What values an activation took on calibration images; always holds 0, which padding and ReLU need exactly. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** real = (stored - zeroPoint) · scale, stored 0 to 255. */
export interface ActivationScale {
  readonly scale: number;
  readonly zeroPoint: number;
}

/** MinMax: the smallest scale that cuts nothing off (Jacob et al. 2018, section 3). */
export function activationScale({ min, max }: Range): ActivationScale {
  const low = Math.min(0, min);
  const high = Math.max(0, max);
  // An activation that was always 0 fits any scale.
  const scale = high > low ? Math.fround((high - low) / 255) : 1;
  return { scale, zeroPoint: Math.min(255, Math.max(0, Math.round(-low / scale))) };
}

export function widened(range: Range | undefined, numbers: ArrayLike<number>): Range {
  let { min, max } = range ?? { min: 0, max: 0 };
  for (let at = 0; at < numbers.length; at++) {
    const number = numbers[at]!;
    if (number < min) min = number;
    if (number > max) max = number;
  }
  return { min, max };
}
