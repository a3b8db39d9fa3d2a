/** The station's calibrations, the newest last, in `dataDir/calibration.json`. */
import { join } from 'node:path';
import { makeFolder, readIfPresent, writeFileDurably } from '@pomona/release';
import { Compile, Type } from '@pomona/schema';
import { AppError } from '@pomona/wire';
import { Calibration } from '../domain/calibrate.ts';
import { parseJson } from './parse-json.ts';

const kept = 20;
const CalibrationFile = Type.Object({
  v: Type.Literal(1),
  calibrations: Type.Array(Calibration, { maxItems: kept }),
});
const validator = Compile(CalibrationFile);

/** Throws `calibration-damaged`: to grade by other measures than it was calibrated to would be worse than to stop. */
export async function loadCalibrations(dataDir: string): Promise<readonly Calibration[]> {
  const file = join(dataDir, 'calibration.json');
  const bytes = await readIfPresent(file);
  if (bytes === undefined) return [];
  const content = parseJson(bytes.toString());
  if (validator.Check(content)) return content.calibrations;
  const [error] = validator.Errors(content);
  throw new AppError(
    'calibration-damaged',
    `${file}: ${error?.instancePath ?? ''} ${error?.message ?? 'is no JSON'}`,
    {
      hint: 'Remove the file and calibrate again, or go on with the configuration’s geometry.',
    },
  );
}

/** On disk when it resolves. */
export async function addCalibration(dataDir: string, calibration: Calibration): Promise<void> {
  const calibrations = [...(await loadCalibrations(dataDir)), calibration].slice(-kept);
  await makeFolder(dataDir);
  await writeFileDurably(
    join(dataDir, 'calibration.json'),
    `${JSON.stringify({ v: 1, calibrations }, null, 2)}\n`,
  );
}
