/**
 * Portraits: single apples as a person photographs them anywhere, cut out, with known truth. Made to learn from for real
 * photographs (ADR 18): sound skin and what goes wrong with it vary far
 * more than on the line, and so do light, camera and the faults of the cut-out.
 */
import { seededRandom } from '@pomona/wire';
import { paintBlemishes, paintSmallBlemishes, paintSpecks } from './portrait-blemish.ts';
import { photograph } from './portrait-camera.ts';
import { portraitForm } from './portrait-form.ts';
import { lightPortrait, paintSliver } from './portrait-light.ts';
import { paintPortraitSkin } from './portrait-skin.ts';
import {
  attemptsMax,
  contrastMin,
  contrastOf,
  mapOf,
  shareOf,
  shareRange,
  volumeOf,
} from './portrait-truth.ts';
import type { TrueGrade } from './truth.ts';

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
