import type { PooledPart } from './explainable-model.ts';

/** Features of one picture: float32 [1, features, rows, columns]. */
export interface Cells {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

/** Logits as a sum: `base`, what the network says of a typical picture, and `weights` times what a picture has more of each pooled feature. */
export interface LinearHead {
  /** float [features][labels]. */
  readonly weights: readonly (readonly number[])[];
  readonly base: readonly number[];
  readonly typical: ArrayLike<number>;
}

export interface Evidence {
  readonly rows: number;
  readonly columns: number;
  /** By label, then row by row: what a cell adds to the label's logit. */
  readonly byLabel: readonly Float64Array[];
}

/**
 * What each cell adds to each logit, compared with a typical picture: all of them and `base` make up the logit. Undefined
 * where the parts are not of the same cells.
 */
export function evidenceOf(
  parts: readonly PooledPart[],
  cellsOf: (name: string) => Cells,
  { weights, base, typical }: LinearHead,
): Evidence | undefined {
  const [, , rows = 0, columns = 0] = cellsOf(parts[0]!.cells).dims;
  const count = rows * columns;
  const byLabel = base.map(() => new Float64Array(count));
  let feature = 0;
  for (const part of parts) {
    const { data, dims } = cellsOf(part.cells);
    if (dims[2] !== rows || dims[3] !== columns) return undefined;
    const channels = part.highest === undefined ? (dims[1] ?? 0) : 1;
    for (let channel = 0; channel < channels; channel++, feature++) {
      const values = data.subarray(channel * count, (channel + 1) * count);
      const shares = sharesOf(part, values, rows, columns);
      const surface = shares.reduce((sum, { share }) => sum + share, 0);
      for (const { cell, share } of shares) {
        const more = share * (values[cell]! - (typical[feature] ?? 0) / surface);
        byLabel.forEach((evidence, label) => {
          evidence[cell]! += weights[feature]![label]! * more;
        });
      }
    }
  }
  return { rows, columns, byLabel };
}

/** Which cells a pooled feature is made of, and what each counts. */
function sharesOf(
  { weights, window, highest }: PooledPart,
  values: Float32Array,
  rows: number,
  columns: number,
): { cell: number; share: number }[] {
  const count = rows * columns;
  if (highest !== undefined) {
    const least = Float32Array.from(values).sort().at(-highest) ?? Number.NEGATIVE_INFINITY;
    const chosen = Array.from(values.keys()).filter((cell) => values[cell]! >= least);
    return chosen.map((cell) => ({ cell, share: 1 / chosen.length }));
  }
  if (window === undefined)
    return Array.from({ length: count }, (_, cell) => ({ cell, share: (weights?.[cell] ?? 1) / count }));
  let best: number[] = [];
  let most = Number.NEGATIVE_INFINITY;
  for (let y = 0; y + window <= rows; y++) {
    for (let x = 0; x + window <= columns; x++) {
      const cells = Array.from(
        { length: window ** 2 },
        (_, i) => (y + Math.floor(i / window)) * columns + x + (i % window),
      );
      const sum = cells.reduce((all, cell) => all + values[cell]!, 0);
      if (sum > most) [best, most] = [cells, sum];
    }
  }
  return best.map((cell) => ({ cell, share: 1 / window ** 2 }));
}
