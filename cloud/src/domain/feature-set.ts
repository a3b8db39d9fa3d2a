import { type ViewFeatures, viewFeatures } from '@pomona/grading';

/** The features of a view, in this order, under one name: a change of either is a new set. */
export const featureSet = {
  name: 'view-v1',
  features: [
    'luma',
    'red',
    'green',
    'blue',
    'saturation',
    'hue',
    'sharpness',
    'clipped',
    'coverage',
  ] as const satisfies readonly (keyof ViewFeatures)[],
} as const;

/** float32 [images, features] of uint8 [images, size, size, 3]. */
export function featuresOf(crops: Uint8Array, size: number): Float32Array {
  const bytes = size * size * 3;
  const count = crops.byteLength / bytes;
  const { features } = featureSet;
  const rows = new Float32Array(count * features.length);
  for (let i = 0; i < count; i++) {
    const of = viewFeatures(crops, size, i * bytes);
    features.forEach((name, f) => {
      rows[i * features.length + f] = of[name];
    });
  }
  return rows;
}
