/** The dialog of a calibration, line by line: on a terminal, or with a program that writes the answers. */
import { createInterface } from 'node:readline';
import type { StationConfig } from '@pomona/firmware-config';
import { addCalibration, loadCalibrations } from './adapters/calibration-file.ts';
import type { StillDeps } from './adapters/capture-still.ts';
import { type Measures, measureLine } from './calibrate-agent.ts';
import { calibrateInDialog } from './calibrate-dialog.ts';

/** Returns whether a calibration was kept. Throws as `calibrateInDialog`. */
export async function askAndCalibrate(
  station: StationConfig,
  given: Partial<Measures>,
  deps: StillDeps,
): Promise<boolean> {
  const earlier = (await loadCalibrations(station.dataDir)).at(-1);
  const gateDistanceMm = earlier?.gateDistanceMm ?? station.geometry.gateDistanceMm;
  const terminal = createInterface({ input: process.stdin });
  const answers = terminal[Symbol.asyncIterator]();
  try {
    const kept = await calibrateInDialog(
      station,
      { gateDistanceMm, ...given },
      {
        say: (text) => void process.stderr.write(`${text}\n`),
        ask: async (question) => {
          process.stderr.write(question);
          const { value, done } = await answers.next();
          return done ? undefined : value;
        },
        measure: (measures) => measureLine(station, measures, deps),
        keep: (calibration) => addCalibration(station.dataDir, calibration),
      },
    );
    return kept !== undefined;
  } finally {
    terminal.close();
  }
}
