/**
 * Portraits of one apple from several sides of a turn, as it rolls on a line. What is wrong with it may show from one side only, and its
 * grade is that of all that they show: known truth for how views of a fruit go together (ADR 39).
 */
import { type Random, seededRandom } from '@pomona/wire';
import type { BlemishCover } from './blemish-canvas.ts';
import type { Portrait, PortraitOptions } from './draw-portraits.ts';
import type { NoiseVolume } from './noise-volume.ts';
import { paintBlemishes, paintSmallBlemishes, paintSpecks } from './portrait-blemish.ts';
import { photograph } from './portrait-camera.ts';
import { type PortraitForm, portraitForm, turnedForm } from './portrait-form.ts';
import { lightPortrait, paintSliver } from './portrait-light.ts';
import { type Paint, paintPortraitSkin } from './portrait-skin.ts';
import {
  attemptsMax,
  contrastMin,
  contrastOf,
  mapOf,
  shareOf,
  shareRange,
  volumeOf,
} from './portrait-truth.ts';
import { orientationAt, planRoll, type Rotation } from './roll.ts';
import { goodShareMax, okShareMax, type TrueGrade } from './truth.ts';

export interface TurnedPortrait {
  /** Of the fruit: by the mean of what its views show. */
  readonly grade: TrueGrade;
  /** Once round, each with the grade of what it shows by itself. */
  readonly views: readonly Portrait[];
}

/** Side of the pictures that tell how much of a fruit is defect, pixels. */
const coarseSize = 24;

/** Fruit `index` of the stream that the seed names. */
export function drawTurnedPortrait(
  { seed, size, cells, grades = ['good', 'bad'] }: PortraitOptions,
  viewCount: number,
  index: number,
): TurnedPortrait {
  const name = `turned-portrait-${index}`;
  const random = seededRandom(seed, name);
  const grade = grades[index % grades.length]!;
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const lies = randomTurn(viewCount, random);
    const [least, most] = shareRange(grade, random.next());
    const painter = painterOf(grade, random);
    const paintOn = (form: PortraitForm) =>
      paintFruit(form, painter, volumeOf(seed), seededRandom(seed, `${name}-${attempt}`));
    const coarse = lies.map((lie) => {
      const form = turnedForm(portraitForm(coarseSize, seededRandom(seed, 'coarse')), lie);
      return { form, ...paintOn(form) };
    });
    const share = coarse.reduce((sum, { cover, form }) => sum + shareOf(cover, form), 0) / viewCount;
    if (share < least || share > most) continue;
    const contrast = Math.max(...coarse.map(({ sound, paint, cover }) => contrastOf(sound, paint, cover)));
    if (grade !== 'good' && contrast < contrastMin) continue;
    const views = lies.map((lie) => {
      // Its outline is another from each side; light and camera stay.
      const form = portraitForm(size, random);
      const { paint, cover } = paintOn(turnedForm(form, lie));
      const light = seededRandom(seed, `${name}-light`);
      lightPortrait(paint, form, light);
      paintSliver(paint, form, random);
      const crop = new Uint8Array(size * size * 3);
      photograph(paint, form, light, crop);
      const defectShare = shareOf(cover, form);
      return { grade: gradeOf(defectShare), crop, defects: mapOf(cover, size, cells), defectShare };
    });
    return { grade, views };
  }
  throw new Error(`turned portrait ${index} of seed ${seed} never became ${grade}`);
}

/** How a fruit lies from view to view, once round. */
function randomTurn(viewCount: number, random: Random): Rotation[] {
  const roll = planRoll(1, random);
  const start = 2 * Math.PI * random.next();
  return Array.from({ length: viewCount }, (_, view) =>
    orientationAt(roll, start + (2 * Math.PI * view) / (viewCount * (1 - roll.slip))),
  );
}

type Painter = typeof paintBlemishes;

/** What covers much of one side may be little of a fruit: half of those between have what bad ones have. */
function painterOf(grade: TrueGrade, random: Random): Painter {
  const isLarge = random.next() < 0.5;
  if (grade === 'good') return paintSpecks;
  return grade === 'ok' && !isLarge ? paintSmallBlemishes : paintBlemishes;
}

interface PaintedFruit {
  readonly sound: Paint;
  readonly paint: Paint;
  readonly cover: BlemishCover;
}

/** The same stream paints the same fruit, from whatever side it is seen: how far the painters read it hangs on no pixel. */
function paintFruit(form: PortraitForm, painter: Painter, volume: NoiseVolume, random: Random): PaintedFruit {
  const paint = paintPortraitSkin(form, { volume, random });
  const sound = paint.slice();
  return { sound, paint, cover: painter(paint, form, { volume, random }) };
}

function gradeOf(defectShare: number): TrueGrade {
  if (defectShare <= goodShareMax) return 'good';
  return defectShare <= okShareMax ? 'ok' : 'bad';
}
