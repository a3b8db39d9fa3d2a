/** What a portrait must show to be of a grade, and what it shows. */
import { seededRandom } from '@pomona/wire';
import type { BlemishCover } from './blemish-canvas.ts';
import { NoiseVolume } from './noise-volume.ts';
import type { PortraitForm } from './portrait-form.ts';
import type { Paint } from './portrait-skin.ts';
import { goodShareMax, okShareMax, type TrueGrade } from './truth.ts';

export const attemptsMax = 60;
/** A pixel this far covered counts as defect. */
const coverMin = 0.4;
/** Distance in sRGB between what is defect and the sound skin there, in the mean: what nobody can see teaches nothing. */
export const contrastMin = 40;

/** Of the defects. Some bad ones must show more than the limit, so that plain cases are not rare. */
export function shareRange(grade: TrueGrade, chance: number): readonly [number, number] {
  switch (grade) {
    case 'good':
      return [0, goodShareMax];
    case 'ok':
      return [goodShareMax, okShareMax];
    case 'bad':
      return [chance < 0.7 ? okShareMax : 2 * okShareMax, 1];
  }
}

const volumes = new Map<number, NoiseVolume>();
const volumesMax = 4;

/** One block of noise serves all portraits of a seed: each looks at another place of it. */
export function volumeOf(seed: number): NoiseVolume {
  let volume = volumes.get(seed);
  if (!volume) {
    if (volumes.size >= volumesMax) volumes.clear();
    volume = new NoiseVolume(seededRandom(seed, 'portrait-noise'));
    volumes.set(seed, volume);
  }
  return volume;
}

export function shareOf({ defect }: BlemishCover, { mask }: PortraitForm): number {
  let covered = 0;
  let fruit = 0;
  for (let i = 0; i < mask.length; i++) {
    fruit += mask[i]!;
    if (mask[i] === 1 && defect[i]! > coverMin) covered++;
  }
  return covered / Math.max(1, fruit);
}

export function contrastOf(sound: Paint, painted: Paint, { defect }: BlemishCover): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < defect.length; i++) {
    if (defect[i]! <= coverMin) continue;
    const [r, g, b] = [0, 1, 2].map((c) => painted[3 * i + c]! - sound[3 * i + c]!) as [
      number,
      number,
      number,
    ];
    sum += Math.hypot(r, g, b);
    count++;
  }
  return sum / Math.max(1, count);
}

export function mapOf({ defect, rot }: BlemishCover, size: number, cells: number): Uint8Array {
  const side = size / cells;
  const sums = new Float32Array(cells * cells * 2);
  for (let i = 0; i < size * size; i++) {
    const cell = Math.floor(Math.floor(i / size) / side) * cells + Math.floor((i % size) / side);
    sums[2 * cell]! += defect[i]!;
    sums[2 * cell + 1]! += rot[i]!;
  }
  return Uint8Array.from(sums, (sum) => Math.round((255 * sum) / (side * side)));
}
