interface UnitCircle {
  readonly cos: Float64Array;
  readonly sin: Float64Array;
}

const known = new Map<number, UnitCircle>();

/** Cosine and sine of `2 pi i / n` for each of `n` rays; kept, as a frame of fruit asks thousands of times for the same few. */
export function unitCircle(n: number): UnitCircle {
  const found = known.get(n);
  if (found !== undefined) return found;
  const at = (of: (angle: number) => number) =>
    Float64Array.from({ length: n }, (_, i) => of((2 * Math.PI * i) / n));
  const made = { cos: at(Math.cos), sin: at(Math.sin) };
  known.set(n, made);
  return made;
}
