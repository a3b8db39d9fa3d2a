import { gateProblem, geometryProblem, type StationConfig } from '@pomona/firmware-config';
import { AppError } from '@pomona/wire';
import { type Calibration, calibratedGeometry } from './calibrate.ts';
import { pictureOf } from './camera-picture.ts';

/**
 * By what a station measures: its configuration, or what was calibrated. Throws `calibration-damaged` (a file that somebody corrected by
 * hand) or `config-invalid` for measures by which no fruit could be graded, and where the gates do not fit them.
 */
export function measuresOf(
  { geometry: configured, camera, gate }: Pick<StationConfig, 'geometry' | 'camera' | 'gate'>,
  calibration: Calibration | undefined,
): ReturnType<typeof calibratedGeometry> {
  const measures = calibratedGeometry(configured, calibration, camera.kind, pictureOf(camera));
  const fault = geometryProblem(measures.geometry);
  if (fault !== undefined) {
    const { inUse } = measures;
    throw inUse === undefined
      ? new AppError('config-invalid', `geometry cannot be right: ${fault}`, {
          hint: 'Correct the station’s configuration, or measure it: `pomona agent calibrate`.',
        })
      : new AppError('calibration-damaged', `calibration ${inUse.version} cannot be right: ${fault}`, {
          hint: 'Calibrate again, or take an earlier one: `pomona agent calibrations`.',
        });
  }
  const gateFault = gateProblem(gate, measures.geometry);
  if (gateFault !== undefined)
    throw new AppError('config-invalid', `gate does not fit what was calibrated: ${gateFault}`, {
      hint: 'Correct the outputs of the gate, or calibrate again with `pomona agent calibrate`.',
    });
  return measures;
}

/** Throws `calibration-failed` for a calibration by which the station could not start. */
export function checkCalibration(
  configured: StationConfig['geometry'],
  { version, frameWidthPx, frameHeightPx, mmPerPx, lanes, gateDistanceMm }: Calibration,
): void {
  const measures = { frameWidthPx, frameHeightPx, mmPerPx, lanes, gateDistanceMm };
  const fault = geometryProblem({ ...configured, ...measures });
  if (fault === undefined) return;
  throw new AppError('calibration-failed', `calibration ${version} cannot be right: ${fault}`, {
    hint: 'Let the camera see more of the belt, or correct the limits of the fruit in `geometry`.',
  });
}
