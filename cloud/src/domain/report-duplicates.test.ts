import { seededRandom } from '@pomona/wire';
import { expect, it } from 'vitest';
import type { DatasetImage } from './dataset.ts';
import { nearDuplicates } from './report-duplicates.ts';

const size = 32;

/** A speckled disc; the same `seed` is the same skin, by `noise` another picture of it. */
function fruit(seed: number, noise = 0): Uint8Array {
  const skin = seededRandom(seed, 'skin');
  const grain = seededRandom(seed, 'grain');
  const crop = new Uint8Array(size * size * 3);
  for (let i = 0; i < size * size; i++) {
    const value = 60 + Math.floor(skin.next() * 130) + Math.floor(grain.next() * noise);
    if (Math.hypot((i % size) - 15.5, Math.floor(i / size) - 15.5) < 15) crop.fill(value, 3 * i, 3 * i + 3);
  }
  return crop;
}

/** `kind` says where images are from; the second and the last show the first fruit again. */
function pairsOf(kind: Partial<DatasetImage>) {
  const crops = [fruit(1), fruit(1, 6), fruit(2), fruit(1)];
  const images = crops.map((_, i) => ({
    ...{ group: `g${i}`, grade: i === 3 ? 'bad' : 'good', split: 'train', digest: `${i % 3}`, source: '' },
    ...kind,
  })) as DatasetImage[];
  const bytes = size * size * 3;
  const all = new Uint8Array(crops.length * bytes);
  for (const [i, crop] of crops.entries()) all.set(crop, i * bytes);
  return nearDuplicates({ images, crops: all, size }, [0, 1, 2, 3]).map(({ a, b }) => [a, b]);
}

it('finds another picture of a photographed or sampled skin, across grades first', () => {
  for (const kind of [{ original: 'x' }, { labelled: { by: 'ann', at: '' } }])
    expect(pairsOf(kind)).toEqual([
      [0, 3],
      [1, 3],
      [0, 1],
    ]);
});

it('claims nothing of drawn fruit but that pixels are the same', () => {
  expect(pairsOf({})).toEqual([[0, 3]]);
});
