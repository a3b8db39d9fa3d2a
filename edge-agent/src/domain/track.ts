/**
 * One identity per fruit over the frames of a line.
 *
 * A fruit lies in its pocket of the belt, so `x − encoder` is the same in every frame (but for noise and a little
 * slip): the encoder predicts where each fruit is, also over frames in which it was not found. Fruit of a lane never
 * overtake, so detections are paired with fruits in order.
 *
 * Invariants: a fruit never moves against the belt; two fruits are never nearer than half a diameter (what looks like
 * it is a piece of one); a fruit is handed out once, when no further whole view of it can come; what was found in
 * less than a quarter of the frames that should show it was no fruit.
 */
import { alignInOrder } from './align.ts';
import { anewMm } from './belt-clock.ts';

/** A blob of one frame, millimetres from the camera's entry edge. */
export interface Detection {
  readonly lane: number;
  readonly xMm: number;
  /** Along the belt and across it. */
  readonly lengthMm: number;
  readonly widthMm: number;
  /** Cut off by the frame: known to be there, useless as a view and as a measure. */
  readonly touchesEdge: boolean;
}

export interface Track<T> {
  readonly lane: number;
  /** Where the fruit's centre is when the encoder reads 0. */
  readonly originMm: number;
  readonly diameterMm: number;
  /** What the owner of the tracker keeps of the fruit; made at its first sighting. */
  readonly fruit: T;
}

export interface TrackUpdate<T> {
  /** Per detection the fruit that it is a whole and new view of. */
  readonly views: readonly (Track<T> | undefined)[];
  /** Fruits of which no further view can come, in the order in which they leave. */
  readonly left: readonly Track<T>[];
  /** Fruits that cannot be followed any more because the encoder started afresh; where they are, its old count tells. */
  readonly lost: readonly Track<T>[];
}

export interface TrackerOptions {
  /** Length of belt that the camera sees. */
  readonly viewMm: number;
  readonly diameterMinMm: number;
  readonly diameterMaxMm: number;
}

interface LiveTrack<T> {
  readonly fruit: T;
  readonly lane: number;
  originMm: number;
  diameterMm: number;
  sightings: number;
  /** Frames in which the fruit stood whole in the view, also before it was first found. */
  chances: number;
  lastViewAtMm: number;
  open: boolean;
}

/** More than any belt carries in one view; a camera that shows noise must not fill the memory. */
const tracksMax = 64;
/** Two views of a fruit that hardly moved show the same skin; a belt that stands must not pile them up. */
const viewStepMinMm = 5;
/** The locator's grid and the detection's noise: so near to the exit edge a fruit may be cut off already. */
const edgeMarginMm = 6;
const matchDiameters = 0.4;
/** Of the distance at which two fruits touch. */
const nearestShare = 0.7;
const historyMax = 64;
const stepsOfLate = 24;
/** Two frames, and a little for a belt that speeds up. */
const closeSteps = 2.1;
const clumpAspect = 1.4;
const follow = 0.4;

export class FruitTracker<T> {
  /** Things that were tracked and were no fruit. */
  ghosts = 0;
  readonly #options: TrackerOptions;
  readonly #makeFruit: () => T;
  #tracks: LiveTrack<T>[] = [];
  #encoderMm = Number.NaN;
  /** The encoder in the last frames. */
  #history: number[] = [];
  readonly #steps = new Float64Array(stepsOfLate);

  constructor(options: TrackerOptions, makeFruit: () => T) {
    this.#options = options;
    this.#makeFruit = makeFruit;
  }

  /** Fruits in the view that were not handed out yet. */
  open(): readonly Track<T>[] {
    return this.#tracks.filter((track) => track.open);
  }

  /** All fruit of the last frame, also what was handed out already; `xMm` is where it was then. */
  inView(): readonly (Track<T> & { readonly xMm: number })[] {
    return this.#tracks.map((track) => {
      const { lane, originMm, diameterMm, fruit } = track;
      return { lane, originMm, diameterMm, fruit, xMm: this.#xMm(track) };
    });
  }

  /** Hands out fruits of the view though further views of them may come, in the order in which they leave. */
  take(isWanted: (track: Track<T>) => boolean): Track<T>[] {
    const taken: LiveTrack<T>[] = [];
    for (const track of this.#tracks) {
      if (!track.open || !isWanted(track)) continue;
      track.open = false;
      if (track.sightings * 4 >= track.chances) taken.push(track);
      else this.ghosts++;
    }
    return taken.sort((a, b) => b.originMm - a.originMm);
  }

  update(encoderMm: number, detections: readonly Detection[]): TrackUpdate<T> {
    const before = this.#encoderMm;
    // A camera that was started again counts from zero: nothing that was tracked can be found again.
    const lost = encoderMm < before - anewMm ? this.#flush() : [];
    this.#encoderMm = encoderMm;

    const views = new Array<Track<T> | undefined>(detections.length).fill(undefined);
    const seen = new Set<LiveTrack<T>>();
    for (const lane of new Set(detections.map((detection) => detection.lane))) {
      this.#updateLane(lane, detections, views, seen);
    }
    this.#count(seen);
    if (this.#history.push(encoderMm) > historyMax) this.#history.shift();
    return { views, left: this.#close(), lost };
  }

  #updateLane(
    lane: number,
    detections: readonly Detection[],
    views: (Track<T> | undefined)[],
    seen: Set<LiveTrack<T>>,
  ): void {
    const tracks = this.#tracks
      .filter((track) => track.lane === lane)
      .sort((a, b) => a.originMm - b.originMm);
    const whole: number[] = [];
    detections.forEach((detection, index) => {
      if (detection.lane !== lane) return;
      if (detection.touchesEdge) this.#cover(tracks, detection, seen);
      else if (isClump(detection)) this.#takeClump(lane, tracks, detection, seen);
      else whole.push(index);
    });
    whole.sort((a, b) => detections[a]!.xMm - detections[b]!.xMm);
    const partners = alignInOrder(
      tracks.map((track) => this.#xMm(track)),
      whole.map((index) => detections[index]!.xMm),
      (index) => tracks[index]!.diameterMm * matchDiameters,
    );
    whole.forEach((index, j) => {
      const detection = detections[index]!;
      const track = partners[j]! >= 0 ? tracks[partners[j]!] : this.#spawn(lane, detection, detection.xMm);
      if (track === undefined) return;
      seen.add(track);
      views[index] = this.#sight(track, detection);
    });
    for (const index of whole) this.#absorb(lane, detections[index]!, seen);
  }

  /** Follows a detection; returns the fruit when the detection is a whole and new view of it. */
  #sight(track: LiveTrack<T>, detection: Detection): Track<T> | undefined {
    const lengthRatio = detection.lengthMm / track.diameterMm;
    const isWhole = lengthRatio > 0.7 && lengthRatio < 1.4;
    if (isWhole) track.originMm += follow * (detection.xMm - this.#xMm(track));
    track.diameterMm += follow * (diameterOf(detection) - track.diameterMm);
    const isNew = !(this.#encoderMm - track.lastViewAtMm < viewStepMinMm);
    if (!track.open || !isWhole || !isNew) return undefined;
    track.lastViewAtMm = this.#encoderMm;
    return track;
  }

  /** Fruits that are known and stick together in the picture are there, but not seen apart; unknown ones get an identity. */
  #takeClump(
    lane: number,
    tracks: readonly LiveTrack<T>[],
    detection: Detection,
    seen: Set<LiveTrack<T>>,
  ): void {
    this.#cover(tracks, detection, seen);
    const count = Math.round(detection.lengthMm / detection.widthMm);
    const pitchMm = detection.lengthMm / count;
    for (let i = 0; i < count; i++) {
      const xMm = detection.xMm + (i - (count - 1) / 2) * pitchMm;
      const track = this.#spawn(lane, { ...detection, lengthMm: pitchMm }, xMm);
      if (track !== undefined) seen.add(track);
    }
  }

  #cover(tracks: readonly LiveTrack<T>[], detection: Detection, seen: Set<LiveTrack<T>>): void {
    for (const track of tracks) {
      if (Math.abs(this.#xMm(track) - detection.xMm) < detection.lengthMm / 2) seen.add(track);
    }
  }

  /** Inside one round blob there is one fruit: what else was thought to be there was a piece of it. */
  #absorb(lane: number, detection: Detection, seen: ReadonlySet<LiveTrack<T>>): void {
    const isPiece = (track: LiveTrack<T>): boolean =>
      track.lane === lane &&
      !seen.has(track) &&
      Math.abs(this.#xMm(track) - detection.xMm) < detection.lengthMm / 2;
    // Of hardly any frame there is one.
    if (this.#tracks.some(isPiece)) this.#tracks = this.#tracks.filter((track) => !isPiece(track));
  }

  /** Undefined where a fruit lies already, for what is too small or too large, and when the view is full. */
  #spawn(lane: number, detection: Detection, xMm: number): LiveTrack<T> | undefined {
    const { diameterMinMm, diameterMaxMm } = this.#options;
    const diameterMm = diameterOf(detection);
    // A fruit at the limit must not be lost for a few millimetres of measurement.
    if (diameterMm < diameterMinMm * 0.7 || diameterMm > diameterMaxMm * 1.4) return undefined;
    if (this.#tracks.length >= tracksMax) return undefined;
    const isTaken = this.#tracks.some(
      (track) =>
        track.lane === lane &&
        Math.abs(this.#xMm(track) - xMm) < nearestShare * ((track.diameterMm + diameterMm) / 2),
    );
    if (isTaken) return undefined;
    const track: LiveTrack<T> = {
      fruit: this.#makeFruit(),
      lane,
      originMm: xMm - this.#encoderMm,
      diameterMm,
      sightings: 0,
      chances: this.#history.filter((encoder) => encoder + xMm - this.#encoderMm > diameterMm / 2).length,
      lastViewAtMm: Number.NaN,
      open: true,
    };
    this.#tracks.push(track);
    return track;
  }

  #count(seen: ReadonlySet<LiveTrack<T>>): void {
    for (const track of this.#tracks) {
      if (!track.open) continue;
      track.chances++;
      if (seen.has(track)) track.sightings++;
    }
  }

  /**
   * Closes fruits that the frame after the next will cut off. Waiting for a frame to prove it would make the last view
   * one interval old, and so would the loss of the next frame; the view that this gives away is one of many. They are
   * remembered until they are gone, so that nothing takes them for new ones.
   */
  #close(): Track<T>[] {
    const { viewMm } = this.#options;
    const reachMm = this.#stepMm() * closeSteps + edgeMarginMm;
    const left = this.take((track) => this.#xMm(track) + track.diameterMm / 2 + reachMm > viewMm);
    const isGone = (track: LiveTrack<T>): boolean => this.#xMm(track) - track.diameterMm / 2 > viewMm;
    if (this.#tracks.some(isGone)) this.#tracks = this.#tracks.filter((track) => !isGone(track));
    return left;
  }

  /** The usual belt travel from frame to frame; a gap where frames were lost predicts nothing. */
  #stepMm(): number {
    const history = this.#history;
    const count = Math.max(0, Math.min(stepsOfLate, history.length - 1));
    const from = history.length - count;
    const steps = this.#steps.subarray(0, count);
    for (let i = 0; i < count; i++) steps[i] = history[from + i]! - history[from + i - 1]!;
    return steps.sort()[count >> 1] ?? 0;
  }

  #flush(): Track<T>[] {
    const left = this.take(() => true);
    this.#tracks = [];
    this.#history = [];
    return left;
  }

  #xMm(track: Pick<Track<T>, 'originMm'>): number {
    return track.originMm + this.#encoderMm;
  }
}

/** Longer than any apple is: several that touch. */
function isClump(detection: Detection): boolean {
  return detection.lengthMm > clumpAspect * detection.widthMm;
}

/** The larger extent: what hides a part of a fruit only makes it smaller. */
function diameterOf(detection: Detection): number {
  return Math.max(detection.lengthMm, detection.widthMm);
}
