import { type Random, randomInt, seededRandom } from '@pomona/wire';
import { NoiseVolume } from './noise-volume.ts';
import { mapTexels, sphereMap } from './sphere-map.ts';

/**
 * Noise over the sphere map, mean 0, mostly within -1..1, made when first asked for and shared by all fruit: painting a fruit then only
 * picks fields from the pool. The scale says how large a feature is on the fruit.
 */
export type NoiseScale = 'coarse' | 'medium' | 'fine' | 'grain';

const scales: Record<
  NoiseScale,
  { readonly perRadius: number; readonly octaves: number; readonly count: number }
> = {
  coarse: { perRadius: 1.5, octaves: 3, count: 16 },
  medium: { perRadius: 4.2, octaves: 2, count: 16 },
  fine: { perRadius: 11, octaves: 2, count: 10 },
  grain: { perRadius: 27, octaves: 1, count: 6 },
};

const pools = new Map<string, Float32Array>();

/** One field of the pool, chosen by `random`; not to be changed. */
export function skinNoise(scale: NoiseScale, random: Random): Float32Array {
  const name = `skin-noise-${scale}-${randomInt(random, scales[scale].count)}`;
  const known = pools.get(name);
  if (known !== undefined) return known;
  const field = makeField(scale, seededRandom(1, name));
  pools.set(name, field);
  return field;
}

function makeField(scale: NoiseScale, random: Random): Float32Array {
  const volume = new NoiseVolume(random);
  const { perRadius, octaves } = scales[scale];
  const field = new Float32Array(mapTexels);
  for (let i = 0; i < mapTexels; i++) {
    let sum = 0;
    let frequency = perRadius;
    let strength = 0.7;
    for (let octave = 0; octave < octaves; octave++) {
      // The fixed turn of the axes keeps the lattice from lining up with the fruit's own axes.
      const x = 0.82 * sphereMap.x[i]! + 0.41 * sphereMap.y[i]! - 0.4 * sphereMap.z[i]!;
      const y = -0.29 * sphereMap.x[i]! + 0.9 * sphereMap.y[i]! + 0.33 * sphereMap.z[i]!;
      const z = 0.49 * sphereMap.x[i]! - 0.15 * sphereMap.y[i]! + 0.86 * sphereMap.z[i]!;
      sum += strength * volume.at(x * frequency + 40, y * frequency + 40, z * frequency + 40);
      frequency *= 2.1;
      strength *= 0.5;
    }
    field[i] = sum;
  }
  return field;
}
