import type { StationConfig } from '@pomona/firmware-config';
import { addCalibration, loadCalibrations } from './adapters/calibration-file.ts';
import { type StillDeps, takeFrames } from './adapters/capture-still.ts';
import { type Calibration, calibrate, withReference } from './domain/calibrate.ts';

/** What lies still is told from noise by so many. */
const referenceFrames = 5;

/**
 * Calibrates the station by one frame of its line, and keeps the result. Throws `still-failed`, `calibration-failed`,
 * `calibration-damaged`.
 */
export async function calibrateAgent(
  config: StationConfig,
  measures: { readonly targetMm: number; readonly gateDistanceMm?: number },
  deps: StillDeps,
): Promise<Calibration> {
  const earlier = await loadCalibrations(config.dataDir);
  const frames = await takeFrames(config, deps, referenceFrames);
  const measured = calibrate(frames[0]!, {
    targetMm: measures.targetMm,
    gateDistanceMm:
      measures.gateDistanceMm ?? earlier.at(-1)?.gateDistanceMm ?? config.geometry.gateDistanceMm,
    camera: config.camera.kind,
    version: (earlier.at(-1)?.version ?? 0) + 1,
    at: new Date(deps.clock.nowMs()).toISOString(),
  });
  const calibration = withReference(measured, frames, config.geometry);
  await addCalibration(config.dataDir, calibration);
  return calibration;
}
