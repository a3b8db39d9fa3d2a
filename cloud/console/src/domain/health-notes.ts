/** What stands below a figure of a station's health. */
import type { CameraState, GateState } from '@pomona/wire';
import { formatCount } from './format.ts';

/** Why there are no pictures, or else what they say; empty where nothing is known. */
export function cameraNote({ faults, why, luma, shiftPx, travelRatio, calibration }: CameraState): string {
  const moved = faults.includes('moved') && shiftPx !== null ? `by ${Math.round(shiftPx)} pixels` : undefined;
  const travel =
    faults.includes('wrong-travel') && typeof travelRatio === 'number'
      ? `fruit moves ${travelRatio} times as far as the belt is said to`
      : undefined;
  const seen =
    why ?? moved ?? travel ?? (luma === null ? undefined : `brightness ${Math.round(luma)} of 255`);
  const measured = calibration === undefined ? undefined : `calibration ${calibration}`;
  return [seen, measured].filter((each) => each !== undefined).join(', ');
}

export function gatesNote({ why, fired, late, failed, confirmed, unconfirmed = 0 }: GateState): string {
  const given = `${formatCount(fired)} opened, ${formatCount(late)} late, ${formatCount(failed)} failed`;
  const left =
    confirmed === undefined
      ? []
      : [`${formatCount(confirmed)} seen leaving, ${formatCount(unconfirmed)} not`];
  return [...(why === undefined ? [] : [why]), given, ...left].join('; ');
}
