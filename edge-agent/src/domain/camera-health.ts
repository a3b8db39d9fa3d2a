/**
 * Does the camera still see the line? Looks at a frame every 400 ms, and says what has been wrong three times in a row: a
 * fault is known within five seconds, and one odd picture is none.
 *
 *     silent      no frame for 3 s                     wrong-size    the program gives frames of another size
 *     frozen      the same picture while the belt runs  black         not even the brightest parts are lit
 *     blown-out   nearly half of it is white            out-of-focus  no steep edge anywhere, or far less steep than usual
 *     moved       what lies along the belt lies elsewhere than when it was calibrated, or than at the start
 *     no-encoder  what should say the belt's travel cannot be read
 *     wrong-travel  fruit moves in the picture by another measure than the belt is said to (`travel-check.ts`)
 *
 * What is wrong from the first picture on is taken for usual in part by `out-of-focus`, and by `moved` where no calibration has a reference.
 */
import type { Frame, LineGeometry } from '@pomona/grading';
import { type CameraFault, type CameraState, isPictureless } from '@pomona/wire';
import { type PictureFigures, pictureFiguresOf } from './picture-figures.ts';
import { PictureShift, type Shift } from './picture-shift.ts';

const lookEveryMs = 400;
const looksInARow = 3;
const silentMs = 3_000;
const frozenMs = 2_000;
/** So far the belt has moved on at least when it runs. */
const travelMinMm = 20;
/** A covered lens gives noise of a few levels; the rollers' crests under half the light are at 47. */
const blackBelow = 20;
const clippedShareMax = 0.45;
/** With fruit in view a picture in focus has 1, through a dirty window 0.8; blurred by a deviation of 3 pixels 0.5, of 5 0.4. */
const sharpnessMin = 0.45;
const sharpnessOfUsual = 0.55;
/** Looks of which the median is the usual sharpness: 10 s. */
const usualLooks = 25;
const shiftMaxPx = 4;
/** As the wire takes it. */
const whyMax = 500;

export interface CalibrationInUse {
  readonly version: number;
  /** Of `PictureShift`; undefined where the picture tells no place, and of a calibration by an older agent. */
  readonly reference?: Uint8Array | undefined;
}

/** What a look at one frame can find. */
type Seen = Exclude<CameraFault, 'silent' | 'wrong-size' | 'no-encoder' | 'wrong-travel'>;
const seen: readonly Seen[] = ['frozen', 'black', 'blown-out', 'out-of-focus', 'moved'];

export class CameraHealth {
  readonly #shift: PictureShift;
  readonly #calibration: number | undefined;
  /** Looks in a row that spoke against what is held of each fault. */
  readonly #contrary = new Map<Seen, number>();
  readonly #faults = new Set<Seen>();
  #startedAtMs: number | undefined;
  #frameAtMs = Number.NEGATIVE_INFINITY;
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  #isWrongSize = false;
  #why: string | undefined;
  #travelFaults: readonly CameraFault[] = [];
  #travelRatio: number | undefined;
  #same: { fingerprint: number; sinceMs: number; encoderMm: number; capturedAtMs: number } | undefined;
  #sharpnesses: number[] = [];
  #usualSharpness: number | undefined;
  #figures: PictureFigures | undefined;
  #shiftPx: number | null = null;
  #shiftAtMm = Number.NEGATIVE_INFINITY;

  /** `calibration`: by which the line measures. */
  constructor(geometry: LineGeometry, calibration?: CalibrationInUse) {
    this.#shift = new PictureShift(geometry, calibration?.reference);
    this.#calibration = calibration?.version;
  }

  /** The camera's program is started; may be called again. */
  started(nowMs: number): void {
    this.#startedAtMs ??= nowMs;
  }

  /**
   * Why its program ended: its frames had another size than the line is set up for, so that none could be looked at; or
   * something else, and what was said before is over.
   */
  ended(why: string, isWrongSize: boolean): void {
    this.#why = why.slice(0, whyMax);
    this.#isWrongSize = isWrongSize;
  }

  /** What the picture says of the belt's travel, of which there is none while the encoder is away. */
  travel(
    { isWrong, ratio }: { readonly isWrong: boolean; readonly ratio: number | undefined },
    isEncoderAway: boolean,
  ): void {
    this.#travelFaults = isEncoderAway ? ['no-encoder'] : isWrong ? ['wrong-travel'] : [];
    this.#travelRatio = ratio;
  }

  /** Every frame; does nothing with most of them. */
  look(frame: Frame, nowMs: number): void {
    this.#frameAtMs = nowMs;
    this.#isWrongSize = false;
    this.#why = undefined;
    if (nowMs - this.#lookedAtMs < lookEveryMs) return;
    this.#lookedAtMs = nowMs;
    const figures = pictureFiguresOf(frame);
    this.#figures = figures;
    this.#judge('frozen', this.#isFrozen(figures, frame, nowMs));
    const isNew = this.#same!.sinceMs === nowMs;
    this.#judge('black', figures.brightLuma < blackBelow);
    this.#judge('blown-out', figures.clippedShare > clippedShareMax);
    // Such a picture has neither edges nor places, or none that are new, and must not be learned as usual.
    if (!isNew || figures.brightLuma < blackBelow || figures.clippedShare > clippedShareMax) return;
    const isBlurred = this.#isBlurred(figures);
    this.#judge('out-of-focus', isBlurred);
    if (!isBlurred) this.#lookForShift(frame);
  }

  /** Undefined before the camera is started. */
  state(nowMs: number): CameraState | undefined {
    if (this.#startedAtMs === undefined) return undefined;
    const seenFaults = this.#seenFaults(nowMs);
    const hasFrames = !seenFaults.some(isPictureless);
    return {
      faults: [...this.#travelFaults, ...seenFaults],
      ...(!hasFrames && this.#why !== undefined && { why: this.#why }),
      luma: this.#figures?.luma ?? null,
      sharpness: this.#figures?.sharpness ?? null,
      shiftPx: this.#shiftPx,
      travelRatio: Number.isFinite(this.#travelRatio) ? Math.round(this.#travelRatio! * 1e3) / 1e3 : null,
      ...(this.#calibration !== undefined && { calibration: this.#calibration }),
    };
  }

  #seenFaults(nowMs: number): CameraFault[] {
    if (this.#isWrongSize) return ['wrong-size'];
    const isSilent = nowMs - Math.max(this.#frameAtMs, this.#startedAtMs ?? nowMs) > silentMs;
    return isSilent ? ['silent'] : seen.filter((fault) => this.#faults.has(fault));
  }

  #judge(fault: Seen, isThere: boolean): void {
    const contrary = isThere === this.#faults.has(fault) ? 0 : (this.#contrary.get(fault) ?? 0) + 1;
    this.#contrary.set(fault, contrary);
    if (contrary < looksInARow) return;
    this.#contrary.set(fault, 0);
    if (isThere) this.#faults.add(fault);
    else this.#faults.delete(fault);
  }

  /** A standing belt may give the same picture again where a film is compressed; a frame that is sent again is frozen. */
  #isFrozen({ fingerprint }: PictureFigures, { encoderMm, capturedAtMs }: Frame, nowMs: number): boolean {
    const same = this.#same;
    if (same?.fingerprint !== fingerprint) {
      this.#same = { fingerprint, sinceMs: nowMs, encoderMm, capturedAtMs };
      return false;
    }
    const hasRun = Math.abs(encoderMm - same.encoderMm) > travelMinMm || capturedAtMs === same.capturedAtMs;
    return hasRun && nowMs - same.sinceMs >= frozenMs;
  }

  /** Only while the belt runs: of one that stands, the fruit on it would be taken for a part. */
  #lookForShift(frame: Frame): void {
    if (Math.abs(frame.encoderMm - this.#shiftAtMm) < travelMinMm) return;
    this.#shiftAtMm = frame.encoderMm;
    const shift = this.#shift.look(frame);
    this.#shiftPx = shift.px;
    this.#judge('moved', isMoved(shift));
  }

  #isBlurred({ sharpness }: PictureFigures): boolean {
    // Too little contrast to tell: what was held stays.
    if (sharpness === null) return this.#faults.has('out-of-focus');
    if (this.#usualSharpness === undefined && this.#sharpnesses.push(sharpness) === usualLooks) {
      this.#usualSharpness = this.#sharpnesses.sort((a, b) => a - b)[usualLooks >> 1]!;
      this.#sharpnesses = [];
    }
    return sharpness < sharpnessMin || sharpness < sharpnessOfUsual * (this.#usualSharpness ?? 0);
  }
}

function isMoved({ px, isElsewhere }: Shift): boolean {
  return isElsewhere || (px !== null && Math.abs(px) >= shiftMaxPx);
}
