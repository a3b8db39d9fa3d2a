/**
 * Portraits: single apples as a person photographs them anywhere, cut out, with known truth. Made to learn from for real
 * photographs (ADR 18): sound skin and what goes wrong with it vary far
 * more than on the line, and so do light, camera and the faults of the cut-out.
 */
import { seededRandom } from '@pomona/wire';
import type { BlemishCover } from './blemish-canvas.ts';
import { NoiseVolume } from './noise-volume.ts';
import { paintBlemishes, paintSmallBlemishes, paintSpecks } from './portrait-blemish.ts';
import { photograph } from './portrait-camera.ts';
import { type PortraitForm, portraitForm } from './portrait-form.ts';
import { lightPortrait, paintSliver } from './portrait-light.ts';
import { type Paint, paintPortraitSkin } from './portrait-skin.ts';
import { goodShareMax, okShareMax, type TrueGrade } from './truth.ts';

export interface PortraitOptions {
  readonly seed: number;
  /** Side of a crop in pixels. */
  readonly size: number;
  /** Cells along a side of a defect map; must divide `size`. */
  readonly cells: number;
  /** They take turns. Default: good and bad, and what is between is not drawn. */
  readonly grades?: readonly TrueGrade[];
}

export interface Portrait {
  readonly grade: TrueGrade;
  /** uint8 [size, size, 3], RGB, as `cropFruit` makes them. */
  readonly crop: Uint8Array;
  /** uint8 [cells, cells, 2]: the shares of a cell that are defect and rot; 255 is all of it. */
  readonly defects: Uint8Array;
  /** Of the fruit that is seen, the share that is defect. */
  readonly defectShare: number;
}

const attemptsMax = 60;
/** A pixel this far covered counts as defect. */
const coverMin = 0.4;
/** Distance in sRGB between what is defect and the sound skin there, in the mean: what nobody can see teaches nothing. */
const contrastMin = 40;

/** Portrait `index` of the stream that the seed names. */
export function drawPortrait(
  { seed, size, cells, grades = ['good', 'bad'] }: PortraitOptions,
  index: number,
): Portrait {
  const random = seededRandom(seed, `portrait-${index}`);
  const grade = grades[index % grades.length]!;
  const place = { volume: volumeOf(seed), random };
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const form = portraitForm(size, random);
    const paint = paintPortraitSkin(form, place);
    const sound = paint.slice();
    const cover = painters[grade](paint, form, place);
    const defectShare = shareOf(cover, form);
    const [least, most] = shareRange(grade, random.next());
    if (defectShare < least || defectShare > most) continue;
    if (grade !== 'good' && contrastOf(sound, paint, cover) < contrastMin) continue;
    lightPortrait(paint, form, random);
    paintSliver(paint, form, random);
    const crop = new Uint8Array(size * size * 3);
    photograph(paint, form, random, crop);
    return { grade, crop, defects: mapOf(cover, size, cells), defectShare };
  }
  throw new Error(`portrait ${index} of seed ${seed} never became ${grade}`);
}

const painters = { good: paintSpecks, ok: paintSmallBlemishes, bad: paintBlemishes } as const;

/** Of the defects. Some bad ones must show more than the limit, so that plain cases are not rare. */
function shareRange(grade: TrueGrade, chance: number): readonly [number, number] {
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
function volumeOf(seed: number): NoiseVolume {
  let volume = volumes.get(seed);
  if (!volume) {
    if (volumes.size >= volumesMax) volumes.clear();
    volume = new NoiseVolume(seededRandom(seed, 'portrait-noise'));
    volumes.set(seed, volume);
  }
  return volume;
}

function shareOf({ defect }: BlemishCover, { mask }: PortraitForm): number {
  let covered = 0;
  let fruit = 0;
  for (let i = 0; i < mask.length; i++) {
    fruit += mask[i]!;
    if (mask[i] === 1 && defect[i]! > coverMin) covered++;
  }
  return covered / Math.max(1, fruit);
}

function contrastOf(sound: Paint, painted: Paint, { defect }: BlemishCover): number {
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

function mapOf({ defect, rot }: BlemishCover, size: number, cells: number): Uint8Array {
  const side = size / cells;
  const sums = new Float32Array(cells * cells * 2);
  for (let i = 0; i < size * size; i++) {
    const cell = Math.floor(Math.floor(i / size) / side) * cells + Math.floor((i % size) / side);
    sums[2 * cell]! += defect[i]!;
    sums[2 * cell + 1]! += rot[i]!;
  }
  return Uint8Array.from(sums, (sum) => Math.round((255 * sum) / (side * side)));
}
