import { type CameraFault, isPictureless } from '@pomona/wire';

/** For who stands at the line: what is wrong, and what to do. */
const cameraWords: Readonly<Record<CameraFault, string>> = {
  silent: 'no frames come: look at its cable, and at what its program says',
  'wrong-size':
    'its frames have another size than the line is set up for: correct the camera or the geometry',
  'no-encoder':
    'the encoder cannot be read, the belt counts as standing and nothing is shot: look at its cable and its power',
  'wrong-travel':
    'fruit moves in the picture otherwise than the belt is said to, and nothing is shot: look at the encoder and its wires, or correct its scale or the belt’s speed',
  frozen:
    'it gives the same picture again and again: its program is started again by itself; if that does not help, take its power away for a moment',
  black: 'it sees nothing: look at the lamp, the lens cap and the exposure',
  'blown-out': 'the picture is white: look at the lamp and the exposure',
  'out-of-focus': 'the picture is blurred: focus the lens, or wipe it',
  moved:
    'it looks elsewhere than when it was calibrated, or without that than at the start: put it back, or calibrate again and start the agent again',
};

/** The same, with why the camera's program ended where it gives no pictures. */
export function wordsOfFault(fault: CameraFault, why: string | undefined): string {
  return why !== undefined && isPictureless(fault) ? `${cameraWords[fault]} (${why})` : cameraWords[fault];
}

/** What is wrong with what is said of the belt, and not with the camera. */
export function isOfBelt(fault: CameraFault): boolean {
  return fault === 'no-encoder' || fault === 'wrong-travel';
}
