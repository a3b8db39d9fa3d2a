import { type CameraFault, type CameraState, type GateState, isPictureless } from '@pomona/wire';
import type { Logger } from 'pino';
import { isOfBelt, wordsOfFault } from '../domain/camera-words.ts';
import type { LineReport } from '../domain/line-messages.ts';

/** Outlets that were never there are told of after so long: they connect after the start. */
const patienceMs = 5_000;
/** Shots that were missed are told of so often at most. */
const shotsEveryMs = 60_000;
/** One shot in a hundred is usual (ADR 36), so many in a row of one outlet are a fault, until one is seen again. */
const unconfirmedMin = 5;

/** Tells of what begins and ends at the line: each fault of the camera, each time that the outlets are away, and shots that were missed. */
export class LineLog {
  readonly #log: Logger;
  #faults: readonly CameraFault[] = [];
  #why: string | undefined;
  #firstMs: number | undefined;
  #wasUp = false;
  /** Since when the outlets are away, once that was told. */
  #awaySinceMs: number | undefined;
  #told: Pick<GateState, 'late' | 'failed'> = { late: 0, failed: 0 };
  #toldAtMs = Number.NEGATIVE_INFINITY;
  /** How many shots were confirmed when it was told that they are no more. */
  #confirmedThen: number | undefined;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Once a second. */
  hear({ camera, gates }: LineReport, nowMs: number): void {
    this.#hearCamera(camera);
    if (gates === undefined) return;
    this.#firstMs ??= nowMs;
    this.#hearOutage(gates.connected, nowMs);
    this.#hearShots(gates, nowMs);
    this.#hearSensors(gates);
  }

  #hearCamera(camera: CameraState | undefined): void {
    const { faults = [], why } = camera ?? {};
    // A program that hangs is known to be silent before it is ended, and only then there is a reason.
    const isNews = why !== undefined && this.#why === undefined;
    for (const fault of faults)
      if (!this.#faults.includes(fault) || (isNews && isPictureless(fault)))
        this.#log.warn({ fault }, `${placeOf(fault)}: ${wordsOfFault(fault, why)}`);
    for (const fault of this.#faults)
      if (!faults.includes(fault)) this.#log.info({ fault }, `${placeOf(fault)}: this is over`);
    this.#faults = faults;
    this.#why = why;
  }

  #hearOutage(isUp: boolean, nowMs: number): void {
    if (isUp) {
      if (this.#awaySinceMs !== undefined) {
        const seconds = Math.round((nowMs - this.#awaySinceMs) / 1_000);
        this.#log.info({ seconds }, 'the outlets: they answer again');
      }
      this.#wasUp = true;
      this.#awaySinceMs = undefined;
    } else if (this.#awaySinceMs === undefined && (this.#wasUp || nowMs - this.#firstMs! > patienceMs)) {
      this.#awaySinceMs = nowMs;
      this.#log.warn(
        'the outlets: the device does not answer, fruit goes straight on: look at it and at its cable',
      );
    }
  }

  #hearShots({ late, failed }: GateState, nowMs: number): void {
    // Counts of a grading that was started again.
    if (late < this.#told.late || failed < this.#told.failed) this.#told = { late: 0, failed: 0 };
    const more = { late: late - this.#told.late, failed: failed - this.#told.failed };
    if (more.late + more.failed === 0 || nowMs - this.#toldAtMs < shotsEveryMs) return;
    this.#told = { late, failed };
    this.#toldAtMs = nowMs;
    this.#log.warn(more, 'the outlets: shots came too late, or were not taken by the device');
  }

  #hearSensors({ confirmed = 0, unconfirmedInARow = 0 }: GateState): void {
    // A grading that was started again has confirmed none, and says nothing of the sensors yet.
    if (this.#confirmedThen !== undefined && confirmed < this.#confirmedThen) this.#confirmedThen = confirmed;
    if (this.#confirmedThen === undefined && unconfirmedInARow >= unconfirmedMin) {
      this.#confirmedThen = confirmed;
      this.#log.warn(
        { unconfirmedInARow },
        'the outlets: shot after shot the sensor behind one saw no fruit leave: look at the flap and its air, at the sensor, and at the gate’s distance and lag',
      );
    } else if (
      this.#confirmedThen !== undefined &&
      confirmed > this.#confirmedThen &&
      unconfirmedInARow === 0
    ) {
      this.#confirmedThen = undefined;
      this.#log.info('the outlets: fruit is seen leaving again');
    }
  }
}

function placeOf(fault: CameraFault): string {
  return isOfBelt(fault) ? 'the belt' : 'the camera';
}
