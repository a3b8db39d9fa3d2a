import type { StationConfig } from '@pomona/firmware-config';
import { AppError } from '@pomona/wire';
import { addCalibration, loadCalibrations } from './adapters/calibration-file.ts';
import { type StillDeps, takeFrames } from './adapters/capture-still.ts';
import { type Calibration, calibrate, withReference } from './domain/calibrate.ts';
import { pictureOf } from './domain/camera-picture.ts';
import { checkCalibration } from './domain/measures.ts';

/** What lies still is told from noise by so many. */
const referenceFrames = 5;

export interface Measures {
  readonly targetMm: number;
  readonly gateDistanceMm?: number;
  readonly lanes?: number;
}

/** Calibrates the station and keeps the result. Throws as `measureLine`. */
export async function calibrateAgent(
  config: StationConfig,
  measures: Measures,
  deps: StillDeps,
): Promise<Calibration> {
  const calibration = await measureLine(config, measures, deps);
  await addCalibration(config.dataDir, calibration);
  return calibration;
}

/** By a few frames of the line as it is. Throws `still-failed`, `calibration-failed`, `calibration-damaged`. */
export async function measureLine(
  config: StationConfig,
  measures: Measures,
  deps: StillDeps,
): Promise<Calibration> {
  const earlier = await loadCalibrations(config.dataDir);
  const frames = await takeFrames(config, deps, referenceFrames);
  const measured = calibrate(frames[0]!, {
    targetMm: measures.targetMm,
    gateDistanceMm:
      measures.gateDistanceMm ?? earlier.at(-1)?.gateDistanceMm ?? config.geometry.gateDistanceMm,
    camera: config.camera.kind,
    picture: pictureOf(config.camera),
    lanes: measures.lanes ?? config.geometry.lanes,
    fruit: config.geometry,
    version: (earlier.at(-1)?.version ?? 0) + 1,
    at: new Date(deps.clock.nowMs()).toISOString(),
  });
  checkCalibration(config.geometry, measured);
  return withReference(measured, frames, config.geometry);
}

/**
 * Makes an earlier calibration the newest again, under a new version. Throws `calibration-unknown`, `calibration-failed` for one that
 * does not fit what is configured now, `calibration-damaged`.
 */
export async function restoreCalibration(
  { dataDir, geometry }: Pick<StationConfig, 'dataDir' | 'geometry'>,
  version: number,
  { clock }: Pick<StillDeps, 'clock'>,
): Promise<Calibration> {
  const all = await loadCalibrations(dataDir);
  const wanted = all.find((each) => each.version === version);
  if (wanted === undefined)
    throw new AppError('calibration-unknown', `there is no calibration ${version}`, {
      hint: `Kept are: ${all.map((each) => each.version).join(', ') || 'none'}.`,
    });
  checkCalibration(geometry, wanted);
  const at = new Date(clock.nowMs()).toISOString();
  const restored = { ...wanted, version: all.at(-1)!.version + 1, at, copyOf: version };
  await addCalibration(dataDir, restored);
  return restored;
}
