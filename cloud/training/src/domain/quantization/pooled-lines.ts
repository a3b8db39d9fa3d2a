/**
 * Where cells have become numbers of an image, a network is in floats again, and what 8 bits did to each of these numbers on the mean can be taken back
 * for nothing: a straight line for each, of least squares over calibration images, becomes part of the normalisation or of the product behind it.
 */
import { constantOf, planOf, resultOf, type Value } from '@pomona/onnx-backend/graph';

/** Of numbers that lie as [n, features]: each times its factor, plus its offset. */
export interface Lines {
  readonly factors: Float32Array;
  readonly offsets: Float32Array;
}

/** Images below which only the offset is found. */
const slopeImagesMin = 32;

/** The first values [n, features] behind maps, joined where the graph joins them. */
export function pooledOf(targets: readonly Value[]): Value[] {
  const pooled = new Set<Value>();
  const behind = new Set<Value>();
  for (const result of planOf(targets).results) {
    const { name, inputs } = result.operation!;
    const joins = name === 'Concat' && inputs.every((input) => pooled.has(input));
    if (joins) for (const input of inputs) pooled.delete(input);
    else if (inputs.some((input) => behind.has(input))) {
      behind.add(result);
      continue;
    }
    if (joins || (result.shape.length === 2 && inputs[0]!.shape.length > 2)) {
      pooled.add(result);
      behind.add(result);
    }
  }
  return [...pooled];
}

/** From what was `found`, [images, features], to what it should be. */
export function linesBetween(found: Float32Array, wanted: Float32Array, features: number): Lines {
  const factors = new Float32Array(features).fill(1);
  const offsets = new Float32Array(features);
  const images = found.length / features;
  for (let feature = 0; feature < features; feature++) {
    const meanOf = (numbers: Float32Array): number => {
      let sum = 0;
      for (let at = feature; at < numbers.length; at += features) sum += numbers[at]!;
      return sum / images;
    };
    const [x, y] = [meanOf(found), meanOf(wanted)];
    let [variance, covariance] = [0, 0];
    for (let at = feature; at < found.length; at += features) {
      variance += (found[at]! - x) ** 2;
      covariance += (found[at]! - x) * (wanted[at]! - y);
    }
    // A feature that is always the same has no slope.
    if (images >= slopeImagesMin && variance > 0) factors[feature] = covariance / variance;
    offsets[feature] = y - factors[feature]! * x;
  }
  return { factors, offsets };
}

/** The same targets with lines behind some of the values that they are made from. */
export function withLines(targets: readonly Value[], linesOf: ReadonlyMap<Value, Lines>): Value[] {
  const rewritten = new Map<Value, Value>();
  const newOf = (value: Value): Value => rewritten.get(value) ?? value;
  for (const result of planOf(targets).results) {
    const { name, inputs, attributes, domain } = result.operation!;
    const { type, shape } = result;
    const isSame = inputs.every((input) => newOf(input) === input);
    const own = isSame ? result : resultOf(name, inputs.map(newOf), type, shape, attributes, domain);
    const lines = linesOf.get(result);
    if (lines === undefined) {
      if (!isSame) rewritten.set(result, own);
      continue;
    }
    const [factors, offsets] = [lines.factors, lines.offsets].map((numbers) =>
      constantOf('float32', [numbers.length], numbers),
    ) as [Value, Value];
    rewritten.set(
      result,
      resultOf('Add', [resultOf('Mul', [own, factors], type, shape), offsets], type, shape),
    );
  }
  return targets.map(newOf);
}
