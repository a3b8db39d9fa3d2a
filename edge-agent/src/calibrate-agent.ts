import type { StationConfig } from '@pomona/firmware-config';
import { addCalibration, loadCalibrations } from './adapters/calibration-file.ts';
import { type StillDeps, takeFrame } from './adapters/capture-still.ts';
import { type Calibration, calibrate } from './domain/calibrate.ts';

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
  const frame = await takeFrame(config, deps);
  const calibration = calibrate(frame, {
    targetMm: measures.targetMm,
    gateDistanceMm:
      measures.gateDistanceMm ?? earlier.at(-1)?.gateDistanceMm ?? config.geometry.gateDistanceMm,
    camera: config.camera.kind,
    version: (earlier.at(-1)?.version ?? 0) + 1,
    at: new Date(deps.clock.nowMs()).toISOString(),
  });
  await addCalibration(config.dataDir, calibration);
  return calibration;
}
