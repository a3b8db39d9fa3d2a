/** What is wrong with a station, by what it last said. Limits have a gap, so that a figure at a limit does not flap. */
import { blindingFaults, type CameraFault, isPictureless, type StationView } from '@pomona/wire';

export const stationLimits = {
  temperatureC: { raise: 82, clear: 75 },
  diskFreeMb: { raise: 500, clear: 1_000 },
  outboxDepth: { raise: 20_000, clear: 2_000 },
  unconfirmedInARow: { raise: 4, clear: 0 },
  /** Of ten minutes. */
  missedShots: { raise: 4, clear: 0 },
  missedDeadlines: { raise: 4, clear: 0 },
} as const;

export interface StationFault {
  readonly title: string;
  readonly detail: string;
  readonly evidence: Readonly<Record<string, number>>;
}

/** `wasIll`: an alert is open, so figures have to come back to `clear`. */
export function healthFault({ health }: StationView, wasIll: boolean): StationFault | undefined {
  if (health === null) return undefined;
  const side = wasIll ? 'clear' : 'raise';
  const { temperatureC, diskFreeMb, outboxInMemory = false, outboxDepth, gates, recent } = health;
  if (gates?.connected === false)
    return {
      // An older agent does not tell a device that refuses an outlet from one that is away.
      title: gates.why === undefined ? 'The outlets do not answer' : 'No outlet works',
      detail: `Fruit is graded and goes straight on: look at the device that switches the gates, and at its cable${gates.why === undefined ? '' : ` (${gates.why})`}.`,
      evidence: { failed: gates.failed, late: gates.late },
    };
  if (gates?.withoutOutlet !== undefined && gates.withoutOutlet.length > 1)
    return {
      title: 'Grades travel on together',
      detail: `The recipe sends fruit to the gates ${gates.withoutOutlet.join(', ')}, and the station has no outlet for them: add outlets to its configuration, or send all but one of these grades to gates that it has.`,
      evidence: { gatesWithoutOutlet: gates.withoutOutlet.length },
    };
  if (temperatureC !== null && temperatureC > stationLimits.temperatureC[side])
    return {
      title: 'The board is too hot',
      detail: 'It slows down before it breaks: look at its fan and what covers it.',
      evidence: { temperatureC },
    };
  if (outboxInMemory)
    return {
      title: diskFreeMb < stationLimits.diskFreeMb[side] ? 'The disk is full' : 'The disk can only be read',
      detail:
        'Fruit is graded, and records wait in memory, where they are lost with the power: free some space on the board, or replace a card that can only be read. It goes back to the disk by itself.',
      evidence: { diskFreeMb },
    };
  if (diskFreeMb < stationLimits.diskFreeMb[side])
    return {
      title: 'The disk is nearly full',
      detail: 'Records will be lost when it is: free some space on the board.',
      evidence: { diskFreeMb },
    };
  if (outboxDepth > stationLimits.outboxDepth[side])
    return {
      title: 'Records wait on the board',
      detail: 'It grades but cannot send fast enough: look at its network.',
      evidence: { outboxDepth },
    };
  const missed = gates?.recent ?? { late: 0, failed: 0 };
  if (missed.late + missed.failed > stationLimits.missedShots[side])
    return {
      title: 'Shots miss their fruit',
      detail:
        'Within ten minutes they came too late, or the device of the outlets did not take them, and that fruit went straight on: look at the device and its network, and at `lagMs` and the gate’s distance.',
      evidence: missed,
    };
  if (recent && recent.missedDeadlines > stationLimits.missedDeadlines[side])
    return {
      title: 'Fruit is decided too late',
      detail:
        'It gets the default grade: look at the load and the temperature of the board, at the gate’s distance, and whether the belt is faster than usual.',
      evidence: { missedDeadlines: recent.missedDeadlines, fruits: recent.fruits },
    };
  const { unconfirmedInARow = 0, unconfirmed = 0, confirmed = 0 } = gates ?? {};
  if (unconfirmedInARow > stationLimits.unconfirmedInARow[side])
    return {
      title: 'Fruit does not leave by its outlet',
      detail:
        'One shot after the other, the sensor behind an outlet saw no fruit: look at the flap and its air, at the sensor, and at the gate’s distance and lag.',
      evidence: { unconfirmedInARow, unconfirmed, confirmed },
    };
  return undefined;
}

/** A station that was enrolled and has been here, and is not now. */
export function isOffline({ enrolledAt, status }: StationView): boolean {
  return enrolledAt !== null && status?.state === 'offline';
}

/** One whose severity depends on it. */
export interface GradedFault extends Omit<StationFault, 'evidence'> {
  readonly severity: 'warning' | 'critical';
  readonly evidence: Readonly<Record<string, number | string>>;
}

const cameraTitles: Readonly<Record<CameraFault, string>> = {
  silent: 'The camera gives no pictures',
  'wrong-size': 'The camera’s pictures have the wrong size',
  'no-encoder': 'The belt’s encoder is away',
  'wrong-travel': 'Fruit moves otherwise than the belt is said to',
  frozen: 'The camera’s picture is frozen',
  black: 'The camera’s picture is black',
  'blown-out': 'The camera’s picture is blown out',
  'out-of-focus': 'The camera is out of focus',
  moved: 'The camera has moved',
};

const cameraDetails: Readonly<Record<CameraFault, string>> = {
  silent: 'Look at its cable; `journalctl -u pomona-agent` on the board says why it does not start.',
  'wrong-size': 'Correct the camera or the geometry in the station’s configuration: they do not agree.',
  'no-encoder':
    'It cannot be read: the belt counts as standing, and no fruit is shot. Look at its cable, its power and its address.',
  'wrong-travel':
    'Nobody knows where fruit is, and nothing is shot. Look at the encoder: its wheel, its wires, its direction. `travelRatio` says how far fruit moves in the picture as a share of the belt’s travel: correct `mmPerPulse` or `beltMmPerS` by it, or calibrate again. 0 is fruit that stands while the encoder counts: the belt is blocked, or does not drive the encoder.',
  frozen: 'It repeats one picture while the belt runs. Unplug it, or restart the board.',
  black: 'Look at the lamp, at what covers the lens, and at the exposure.',
  'blown-out': 'Look at the lamp, and at the exposure and gain.',
  'out-of-focus': 'Focus the lens; wipe its window.',
  moved:
    'Put it back, or measure the line again and restart the agent: fruit is measured and gated by where the camera was.',
};

/** What is wrong with a station's camera. What blinds the line comes first: no fruit is graded then. */
export function cameraFault({ health }: StationView): GradedFault | undefined {
  const camera = health?.camera;
  const fault = camera?.faults.find((each) => blindingFaults.includes(each)) ?? camera?.faults[0];
  if (camera === undefined || fault === undefined) return undefined;
  const { faults, why, ...figures } = camera;
  const known = Object.entries(figures).flatMap(([name, value]) => (value === null ? [] : [[name, value]]));
  return {
    title: cameraTitles[fault],
    detail:
      why !== undefined && isPictureless(fault) ? `${cameraDetails[fault]} (${why})` : cameraDetails[fault],
    severity: blindingFaults.includes(fault) ? 'critical' : 'warning',
    evidence: { faults: faults.join(', '), ...Object.fromEntries(known) },
  };
}
