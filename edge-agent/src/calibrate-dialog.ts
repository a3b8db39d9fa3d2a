/** The calibration for who stands at the line with the discs in hand: asks for what no camera sees, measures, and asks again until it is right. */
import type { StationConfig } from '@pomona/firmware-config';
import { AppError, isAppError } from '@pomona/wire';
import type { Measures } from './calibrate-agent.ts';
import type { Calibration } from './domain/calibrate.ts';

export interface CalibrateDialog {
  readonly say: (text: string) => void;
  /** Undefined when nobody answers any more. */
  readonly ask: (question: string) => Promise<string | undefined>;
  /** Fails as `measureLine`. */
  readonly measure: (measures: Measures) => Promise<Calibration>;
  readonly keep: (calibration: Calibration) => Promise<void>;
}

const mmMax = 10_000;
const lanesMax = 16;
const isOut = /^q/i;
/** Or Enter alone. */
const isYes = /^(y|$)/i;

/**
 * What is given is not asked for; `gateDistanceMm`: as it was. Resolves with what was kept, undefined when the person ended it.
 * Throws `calibration-unanswered`, and what `measure` throws other than `calibration-failed` and `still-failed`.
 */
export async function calibrateInDialog(
  { site, line, station, geometry }: StationConfig,
  given: Partial<Measures> & { readonly gateDistanceMm: number },
  dialog: CalibrateDialog,
): Promise<Calibration | undefined> {
  const { say, ask, measure, keep } = dialog;
  say(
    `Calibration of ${site}/${line}/${station}. The belt stands, the line’s light is on, its covers are shut.`,
  );
  say('Lay one matt white disc in the middle of each lane, all of one size, as thick as half a fruit.');
  const lanes = given.lanes ?? (await number(dialog, 'Lanes', lanesMax, geometry.lanes, Number.isInteger));
  const targetMm = given.targetMm ?? (await number(dialog, 'Diameter of the discs, in mm', mmMax));
  const question = 'From the picture’s right edge along the belt to the gates, in mm';
  const gateDistanceMm = await number(dialog, question, mmMax, given.gateDistanceMm);
  for (let next = 'Enter takes the pictures'; ; next = 'Enter tries again') {
    if (isOut.test(await answer(ask, `${next}, q ends it: `))) return undefined;
    let found: Calibration;
    try {
      found = await measure({ lanes, targetMm, gateDistanceMm });
    } catch (error) {
      if (!isAppError(error, 'calibration-failed') && !isAppError(error, 'still-failed')) throw error;
      say(`${error.message}\n  ${error.hint}`);
      continue;
    }
    say(calibrationInWords(found));
    const agreed = await answer(ask, 'Keep it? [yes], no looks again, q ends it: ');
    if (isOut.test(agreed)) return undefined;
    if (!isYes.test(agreed)) continue;
    await keep(found);
    return found;
  }
}

export function calibrationInWords({
  version,
  lanes,
  mmPerPx,
  gateDistanceMm,
  targetsMmPerPx,
  beltLuma,
  reference,
}: Calibration): string {
  const each = targetsMmPerPx.map((value, lane) => `lane ${lane + 1}: ${value}`).join(', ');
  const looks =
    reference === undefined
      ? 'nothing lies along the belt by which a camera that moved would be known'
      : 'guides seen';
  return (
    `calibration ${version}: ${lanesInWords(lanes)}, ${mmPerPx} mm per pixel (${each}), gates at ${gateDistanceMm} mm, ` +
    `background ${Math.round(beltLuma)} of 255 bright, ${looks}`
  );
}

export function lanesInWords(lanes: number): string {
  return lanes === 1 ? '1 lane' : `${lanes} lanes`;
}

/** Asked for again until it is one. `usual`: for Enter alone. */
async function number(
  { say, ask }: CalibrateDialog,
  question: string,
  max: number,
  usual?: number,
  fits: (value: number) => boolean = () => true,
): Promise<number> {
  for (;;) {
    const text = await answer(ask, usual === undefined ? `${question}: ` : `${question} [${usual}]: `);
    if (text === '' && usual !== undefined) return usual;
    // In many countries a fraction has a comma.
    const value = text === '' ? Number.NaN : Number(text.replace(',', '.'));
    if (value > 0 && value <= max && fits(value)) return value;
    say(`It must be a ${fits === Number.isInteger ? 'whole number' : 'number'} above 0, at most ${max}.`);
  }
}

async function answer(ask: CalibrateDialog['ask'], question: string): Promise<string> {
  const text = await ask(question);
  if (text !== undefined) return text.trim();
  throw new AppError('calibration-unanswered', 'nobody answered, and nothing was calibrated', {
    hint: 'Without somebody to ask, say it all: --target-mm 75 --gate-mm 310.',
  });
}
