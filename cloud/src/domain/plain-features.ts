import type { ScoredCase } from './session-pairs.ts';

const thumbnailSide = 8;
const bins = 8;
const rounds = 400;
const learningRate = 0.5;
const decay = 1e-3;

/**
 * What one tries before any network: a thumbnail of 8×8 pixels and a histogram of 8 bins per channel over the fruit.
 * `crop` uint8 [size, size, 3], black where it is not fruit.
 */
export function plainFeatures(crop: Uint8Array, size: number): Float64Array {
  const thumbnail = thumbnailSide ** 2 * 3;
  const features = new Float64Array(thumbnail + bins * 3);
  const perCell = (size / thumbnailSide) ** 2;
  let fruit = 0;
  for (let i = 0; i < size * size; i++) {
    const isFruit = crop[3 * i]! + crop[3 * i + 1]! + crop[3 * i + 2]! > 0;
    fruit += Number(isFruit);
    const cell = cellOf(i, size);
    for (let c = 0; c < 3; c++) {
      const value = crop[3 * i + c]!;
      features[cell * 3 + c]! += value / 255 / perCell;
      if (isFruit) features[thumbnail + c * bins + Math.floor((value * bins) / 256)]!++;
    }
  }
  for (let at = thumbnail; at < features.length; at++) features[at]! /= Math.max(1, fruit);
  return features;
}

/** Of the silhouette alone: where the fruit is, and nothing of what it looks like. */
export function outlineFeatures(crop: Uint8Array, size: number): Float64Array {
  const features = new Float64Array(thumbnailSide ** 2);
  const perCell = (size / thumbnailSide) ** 2;
  for (let i = 0; i < size * size; i++) {
    if (crop[3 * i]! + crop[3 * i + 1]! + crop[3 * i + 2]! > 0) features[cellOf(i, size)]! += 1 / perCell;
  }
  return features;
}

function cellOf(pixel: number, size: number): number {
  const row = Math.floor((Math.floor(pixel / size) * thumbnailSide) / size);
  return row * thumbnailSide + Math.floor(((pixel % size) * thumbnailSide) / size);
}

export type Described = Omit<ScoredCase, 'score'> & { readonly features: Float64Array };

/** Logistic regression by gradient descent on standardised features, both grades weighing the same; scores `asked`. */
export function plainScores(known: readonly Described[], asked: readonly Described[]): number[] {
  const width = known[0]!.features.length;
  const standardise = standardiserOf(known, width);
  const x = known.map(({ features }) => standardise(features));
  const share = known.filter(({ isBad }) => isBad).length / known.length;
  const weights = new Float64Array(width);
  let bias = 0;
  const scoreOf = (row: Float64Array): number =>
    row.reduce((sum, value, at) => sum + value * weights[at]!, bias);
  for (let round = 0; round < rounds; round++) {
    const gradient = new Float64Array(width);
    let biasGradient = 0;
    x.forEach((row, at) => {
      const { isBad } = known[at]!;
      const weight = 0.5 / known.length / (isBad ? share : 1 - share);
      const error = weight * (1 / (1 + Math.exp(-scoreOf(row))) - (isBad ? 1 : 0));
      for (let k = 0; k < width; k++) gradient[k]! += error * row[k]!;
      biasGradient += error;
    });
    for (let k = 0; k < width; k++)
      weights[k]! -= learningRate * (gradient[k]! / Math.sqrt(width) + decay * weights[k]!);
    bias -= learningRate * biasGradient;
  }
  return asked.map(({ features }) => scoreOf(standardise(features)));
}

function standardiserOf(
  cases: readonly Described[],
  width: number,
): (features: Float64Array) => Float64Array {
  const mean = new Float64Array(width);
  const square = new Float64Array(width);
  for (const { features } of cases) {
    for (let k = 0; k < width; k++) {
      mean[k]! += features[k]! / cases.length;
      square[k]! += features[k]! ** 2 / cases.length;
    }
  }
  return (features) =>
    features.map((value, k) => (value - mean[k]!) / Math.sqrt(Math.max(1e-6, square[k]! - mean[k]! ** 2)));
}
