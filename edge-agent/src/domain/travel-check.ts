/**
 * Does fruit move in the picture as the belt is said to? A wire that broke, an encoder that counts backward or loses pulses, a wrong
 * `mmPerPulse`, `beltMmPerS` or scale would otherwise show as fruit that nobody can follow, or as shots that hit the next fruit.
 *
 * Once a second the whole fruit of each frame of the last two seconds is looked for in the next frame, where the belt's travel puts it. If it is
 * there, the median of what it is off says by how much the travel is wrong; if it is not, but all of it is where one other speed puts
 * it, that is the belt's. Anything else (a fruit that slips, a hand, too little fruit) tells nothing.
 *
 * Invariants: it takes two fruits and three looks in a row with the same answer; what stands in the picture accuses nobody, since a belt
 * that stands may be said to run (`beltMmPerS`), and a hand or a speck on the window stand on a belt that runs. Only fruit that moved as an
 * encoder said, and then stands all at once while that counts on, speaks against the encoder: a speck stood before.
 */
import { type Detection, isClump } from './detection.ts';
import { type FrameTime, type PictureTravel, type Place, TravelMatches } from './travel-matches.ts';

const framesMax = 96;
const fruitsMax = 24;
/** Frames that come faster are left out. */
const frameStepMinMs = 25;
const windowMs = 2_000;
const looksInARow = 3;
/** The travel is wrong from so much on: on a line with its gates 300 mm behind the view a shot is then a fruit's radius off. */
const wrongShare = 0.15;
const wrongMinMm = 40;
/** Slower than that it stands in the picture. */
const standsMmPerS = 10;
/** Two looks say the same. A belt that starts or stops beside a time that goes on says another thing each second. */
const sameShare = 0.25;
/** As a share of what fruit moves: less is a travel that stands. */
const noTravelShare = 0.05;
/** Fruit that stands moved with the belt so shortly before: a look may fall into the stop, and tell neither. */
const stopsWithinMs = 3_500;
const stoppedMin = 2;
const samePlaceMm = 12;
/** A wrong travel is held for so long when nothing is seen that speaks for it or against it. */
const forgetMs = 30_000;

export interface TravelCheckOptions {
  readonly viewMm: number;
  readonly diameterMinMm: number;
  /** The travel is read, and not the time by a speed. */
  readonly hasEncoder?: boolean;
}

export class TravelCheck {
  readonly #matches: TravelMatches;
  readonly #hasEncoder: boolean;
  readonly #diameterMinMm: number;
  #contraryAtMs = Number.NEGATIVE_INFINITY;
  #agreedAtMs = Number.NEGATIVE_INFINITY;
  /** What stood while fruit moved as it should. */
  #stoodThen: readonly Place[] = [];
  #contrary = 0;
  #agreeing = 0;
  #isWrong = false;
  #ratio: number | undefined;

  constructor({ viewMm, diameterMinMm, hasEncoder = false }: TravelCheckOptions) {
    this.#hasEncoder = hasEncoder;
    this.#matches = new TravelMatches({ viewMm, framesMax, fruitsMax });
    this.#diameterMinMm = diameterMinMm;
  }

  get isWrong(): boolean {
    return this.#isWrong;
  }

  /** What fruit moved in the picture, as a share of the belt's travel; undefined where neither can be told. */
  get ratio(): number | undefined {
    return this.#ratio;
  }

  /** Every frame, in the order of capture. Only keeps where fruit is, and allocates nothing. */
  see(detections: readonly Detection[], frame: FrameTime): void {
    if (!this.#matches.begin(frame, frameStepMinMs)) return;
    for (let i = 0; i < detections.length; i++) {
      const detection = detections[i]!;
      const { touchesEdge, unlikeFruit, lengthMm } = detection;
      if (touchesEdge || unlikeFruit === true || isClump(detection)) continue;
      if (lengthMm > 0.7 * this.#diameterMinMm) this.#matches.add(detection);
    }
  }

  /** Once a second. */
  look(nowMs: number): void {
    const travel = this.#matches.measure(windowMs);
    const ratio = travel && (this.#hasStopped(travel, nowMs) ? 0 : ratioOf(travel));
    if (travel === undefined || ratio === undefined) {
      if (nowMs - this.#contraryAtMs > forgetMs) this.forget();
      return;
    }
    const isWrong = isOff(travel);
    if (isWrong) {
      this.#contraryAtMs = nowMs;
      this.#contrary = isSame(ratio, this.#ratio) ? this.#contrary + 1 : 1;
    } else {
      this.#agreedAtMs = nowMs;
      if (this.#hasEncoder) this.#stoodThen = this.#matches.standing(windowMs);
      this.#contrary = 0;
    }
    this.#agreeing = isWrong ? 0 : this.#agreeing + 1;
    this.#ratio = ratio;
    if (this.#contrary >= looksInARow) this.#isWrong = true;
    if (this.#agreeing >= looksInARow) this.#isWrong = false;
  }

  /** All fruit that moved stands, and the encoder counts on. */
  #hasStopped(travel: PictureTravel, nowMs: number): boolean {
    if (!this.#hasEncoder || !doesStand(travel) || !isOff(travel)) return false;
    if (this.#ratio !== 0 && nowMs - this.#agreedAtMs > stopsWithinMs) return false;
    const stopped = this.#matches
      .standing(windowMs)
      .filter((place) => !this.#stoodThen.some((before) => isSamePlace(place, before)));
    return stopped.length >= stoppedMin;
  }

  /** Nothing is held against the travel any more: there is none. */
  forget(): void {
    this.#matches.forget();
    this.#contrary = 0;
    this.#agreeing = 0;
    this.#isWrong = false;
    this.#ratio = undefined;
  }
}

/** Undefined where the picture stands. Infinite for a travel that stands while fruit moves. */
function ratioOf({ saidMm, seenMm, ms }: PictureTravel): number | undefined {
  if (doesStand({ saidMm, seenMm, ms })) return undefined;
  return Math.abs(saidMm) < noTravelShare * Math.abs(seenMm) ? Number.POSITIVE_INFINITY : seenMm / saidMm;
}

function doesStand({ seenMm, ms }: PictureTravel): boolean {
  return Math.abs(seenMm) < (standsMmPerS * ms) / 1_000;
}

function isOff({ saidMm, seenMm }: PictureTravel): boolean {
  const largerMm = Math.max(Math.abs(saidMm), Math.abs(seenMm));
  return Math.abs(seenMm - saidMm) > Math.max(wrongMinMm, wrongShare * largerMm);
}

function isSamePlace(a: Place, b: Place): boolean {
  return a.lane === b.lane && Math.abs(a.xMm - b.xMm) <= samePlaceMm;
}

function isSame(ratio: number, before: number | undefined): boolean {
  if (before === undefined || ratio === before) return before !== undefined;
  return Math.abs(ratio - before) <= sameShare * Math.max(Math.abs(ratio), Math.abs(before));
}
