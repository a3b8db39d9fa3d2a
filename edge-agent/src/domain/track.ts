/**
 * One identity per fruit over the frames of a line.
 *
 * A fruit lies in its pocket of the belt, so `x − encoder` is the same in every frame (but for noise and a little
 * slip): the encoder predicts where each fruit is, also over frames in which it was not found. Fruit of a lane never
 * overtake, so detections are paired with fruits in order.
 *
 * A leaf or an empty cup is tracked as a fruit is, since a fruit may look like one in some pictures: what most of them show
 * is known when it is handed out.
 *
 * Invariants: a fruit never moves against the belt; two fruits are never nearer than half a diameter (what looks like
 * it is a piece of one); a fruit is handed out once, when no further whole view of it can come; what was found in
 * less than a quarter of the frames that should show it was no fruit.
 */
import { alignInOrder } from './align.ts';
import { anewMm } from './belt-clock.ts';
import { countPicture, type Detection, diameterOf, isClump, isFirstOfLane } from './detection.ts';
import { LeftBehind } from './left-behind.ts';
import { beginTrack, type LiveTrack, newTrack, type Track } from './live-track.ts';
import { RecentTravel } from './recent-travel.ts';

/** Good until the next update, which writes over it. */
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
  readonly gateFarthestMm: number;
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
/** Detections of a lane in one frame; a lane that shows more shows no fruit. */
const wholeMax = 1024;
/** A frame, and a little for a belt that speeds up on. */
const closeSteps = 1.1;
/** Times the largest fruit: more than one, or none. */
const oversize = 1.25;
/** What looks like no fruit in more of its pictures than this is none, if there are as many as that. */
const unlikeShare = 0.75;
const picturesMin = 2;
/** Travel after which it can be said whether a thing moves with the belt, and how much it may lag, as a share of it. */
const driftAfterMm = 60;
const driftShare = 0.35;
const follow = 0.4;
/** What a belt that runs backward carries so far before the view will be new fruit when it comes again. */
const beforeMm = 300;

export class FruitTracker<T> {
  /** Things that were tracked and were no fruit. */
  ghosts = 0;
  readonly #options: TrackerOptions;
  readonly #makeFruit: (gone: T | undefined) => T;
  readonly #tracks: LiveTrack<T>[] = [];
  readonly #behind: LeftBehind<LiveTrack<T>>;
  /** Of things that are gone. */
  readonly #spare: LiveTrack<T>[] = [];
  #encoderMm = Number.NaN;
  #updates = 0;
  readonly #travel = new RecentTravel();
  // What an update needs and returns: there for each anew.
  readonly #update = {
    views: [] as (Track<T> | undefined)[],
    left: [] as Track<T>[],
    lost: [] as Track<T>[],
  };
  readonly #ofLane: LiveTrack<T>[] = [];
  #ofLaneCount = 0;
  readonly #wholes = new Int32Array(wholeMax);
  readonly #trackMm = new Float64Array(tracksMax);
  readonly #reachMm = new Float64Array(tracksMax);
  readonly #wholeMm = new Float64Array(wholeMax);
  readonly #partners = new Int32Array(wholeMax);

  /** `makeFruit` may make use again of what it made for a fruit that is gone. */
  constructor(options: TrackerOptions, makeFruit: (gone: T | undefined) => T) {
    this.#options = options;
    this.#makeFruit = makeFruit;
    this.#behind = new LeftBehind(options.viewMm, options.gateFarthestMm);
  }

  /** Fruits in the view that were not handed out yet. */
  open(): readonly Track<T>[] {
    return this.#tracks.filter((track) => track.open);
  }

  /** All fruit of the last frame, also what was handed out already; `xMm` is where it was then. */
  inView(): readonly (Track<T> & { readonly xMm: number })[] {
    return this.#tracks.map((track) => {
      const { lane, originMm, diameterMm, isFruit, fruit } = track;
      return { lane, originMm, diameterMm, isFruit, fruit, xMm: this.#xMm(track) };
    });
  }

  /** Hands out fruits of the view though further views of them may come, in the order in which they leave. */
  take(isWanted: (track: Track<T>) => boolean): Track<T>[] {
    const taken: Track<T>[] = [];
    for (const track of this.#tracks) if (track.open && isWanted(track)) this.#handOut(track, taken);
    return sortByExit(taken);
  }

  update(encoderMm: number, detections: readonly Detection[]): TrackUpdate<T> {
    const { views, left, lost } = this.#update;
    const before = this.#encoderMm;
    lost.length = 0;
    // Whoever begins the count anew begins it far lower: nothing that was tracked can be found again.
    if (encoderMm < before - anewMm) this.#flush(lost);
    this.#encoderMm = encoderMm;
    if (encoderMm < before) this.#turnBack();
    this.#updates++;

    for (let i = 0; i < detections.length; i++) views[i] = undefined;
    if (views.length > detections.length) views.length = detections.length;
    for (let i = 0; i < detections.length; i++) {
      if (isFirstOfLane(detections, i)) this.#updateLane(detections[i]!.lane, detections, views);
    }
    this.#count();
    this.#travel.add(encoderMm);
    left.length = 0;
    this.#close(left);
    return this.#update;
  }

  #updateLane(lane: number, detections: readonly Detection[], views: (Track<T> | undefined)[]): void {
    this.#gatherLane(lane);
    let wholes = 0;
    for (let i = 0; i < detections.length; i++) {
      const detection = detections[i]!;
      if (detection.lane !== lane) continue;
      if (detection.touchesEdge) this.#cover(detection);
      else if (detection.unlikeFruit && this.#isBulky(detection)) this.#takeStranger(lane, detection);
      else if (isClump(detection)) this.#takeClump(lane, detection);
      else if (wholes < wholeMax) this.#insertWhole(detections, wholes++, i);
    }
    const tracks = this.#ofLane;
    for (let i = 0; i < this.#ofLaneCount; i++) {
      this.#trackMm[i] = this.#xMm(tracks[i]!);
      this.#reachMm[i] = tracks[i]!.diameterMm * matchDiameters;
    }
    for (let j = 0; j < wholes; j++) this.#wholeMm[j] = detections[this.#wholes[j]!]!.xMm;
    alignInOrder(this.#trackMm, this.#ofLaneCount, this.#wholeMm, wholes, this.#reachMm, this.#partners);
    for (let j = 0; j < wholes; j++) {
      const index = this.#wholes[j]!;
      const detection = detections[index]!;
      const partner = this.#partners[j]!;
      const track =
        partner >= 0
          ? tracks[partner]
          : this.#spawn(lane, detection.xMm, diameterOf(detection.lengthMm, detection.widthMm));
      if (track === undefined) continue;
      track.seenIn = this.#updates;
      views[index] = this.#sight(track, detection);
    }
    for (let j = 0; j < wholes; j++) this.#absorb(lane, detections[this.#wholes[j]!]!);
  }

  /** The tracks of a lane by their place, those at the same place as they came. */
  #gatherLane(lane: number): void {
    const tracks = this.#ofLane;
    let count = 0;
    for (let i = 0; i < this.#tracks.length; i++) {
      const track = this.#tracks[i]!;
      if (track.lane !== lane) continue;
      let at = count++;
      for (; at > 0 && tracks[at - 1]!.originMm > track.originMm; at--) tracks[at] = tracks[at - 1]!;
      tracks[at] = track;
    }
    this.#ofLaneCount = count;
  }

  /** Among the first `count` detections that show one whole fruit each, by their place. */
  #insertWhole(detections: readonly Detection[], count: number, index: number): void {
    const wholes = this.#wholes;
    const { xMm } = detections[index]!;
    let at = count;
    for (; at > 0 && detections[wholes[at - 1]!]!.xMm > xMm; at--) wholes[at] = wholes[at - 1]!;
    wholes[at] = index;
  }

  /** Follows a detection; returns the fruit when the detection is a whole and new view of it. */
  #sight(track: LiveTrack<T>, detection: Detection): Track<T> | undefined {
    countPicture(track, detection);
    const lengthRatio = detection.lengthMm / track.diameterMm;
    const isWhole = lengthRatio > 0.7 && lengthRatio < 1.4;
    if (isWhole) track.originMm += follow * (detection.xMm - this.#xMm(track));
    track.diameterMm += follow * (diameterOf(detection.lengthMm, detection.widthMm) - track.diameterMm);
    const isNew = !(this.#encoderMm - track.lastViewAtMm < viewStepMinMm);
    if (!track.open || !isWhole || !isNew) return undefined;
    track.lastViewAtMm = this.#encoderMm;
    return track;
  }

  /** Fruits that are known and stick together in the picture are there, but not seen apart; unknown ones get an identity. */
  #takeClump(lane: number, detection: Detection): void {
    this.#cover(detection);
    const count = Math.round(detection.lengthMm / detection.widthMm);
    const pitchMm = detection.lengthMm / count;
    for (let i = 0; i < count; i++) {
      const xMm = detection.xMm + (i - (count - 1) / 2) * pitchMm;
      const track = this.#spawn(lane, xMm, diameterOf(pitchMm, detection.widthMm));
      if (track !== undefined) track.seenIn = this.#updates;
    }
  }

  /** Longer than one fruit, or larger. */
  #isBulky(detection: Detection): boolean {
    return isClump(detection) || detection.lengthMm > oversize * this.#options.diameterMaxMm;
  }

  /** What is no fruit, by this picture, may yet be several: those that are known are there. Anything unknown is followed as one thing. */
  #takeStranger(lane: number, detection: Detection): void {
    this.#cover(detection);
    for (let i = 0; i < this.#ofLaneCount; i++) {
      const track = this.#ofLane[i]!;
      if (Math.abs(this.#xMm(track) - detection.xMm) < detection.lengthMm / 4) countPicture(track, detection);
    }
    const { diameterMinMm, diameterMaxMm } = this.#options;
    const diameterMm = diameterOf(detection.lengthMm, detection.widthMm);
    const track = this.#spawn(
      lane,
      detection.xMm,
      Math.min(diameterMaxMm, Math.max(diameterMinMm, diameterMm)),
    );
    if (track === undefined) return;
    track.seenIn = this.#updates;
    countPicture(track, detection);
  }

  #cover(detection: Detection): void {
    for (let i = 0; i < this.#ofLaneCount; i++) {
      const track = this.#ofLane[i]!;
      if (Math.abs(this.#xMm(track) - detection.xMm) < detection.lengthMm / 2) track.seenIn = this.#updates;
    }
  }

  /** Inside one round blob there is one fruit: what else was thought to be there was a piece of it. */
  #absorb(lane: number, detection: Detection): void {
    let kept = 0;
    for (const track of this.#tracks) {
      const isPiece =
        track.lane === lane &&
        track.seenIn !== this.#updates &&
        Math.abs(this.#xMm(track) - detection.xMm) < detection.lengthMm / 2;
      if (isPiece) this.#spare.push(track);
      else this.#tracks[kept++] = track;
    }
    if (kept < this.#tracks.length) this.#tracks.length = kept;
  }

  /** Undefined where a fruit lies already, for what is too small or too large, and when the view is full. */
  #spawn(lane: number, xMm: number, diameterMm: number): LiveTrack<T> | undefined {
    const { diameterMinMm, diameterMaxMm } = this.#options;
    // A fruit at the limit must not be lost for a few millimetres of measurement.
    if (diameterMm < diameterMinMm * 0.7 || diameterMm > diameterMaxMm * 1.4) return undefined;
    if (this.#tracks.length >= tracksMax) return undefined;
    for (const track of this.#tracks) {
      const nearestMm = nearestShare * ((track.diameterMm + diameterMm) / 2);
      if (track.lane === lane && Math.abs(this.#xMm(track) - xMm) < nearestMm) return undefined;
    }
    // The one that is gone longest: none keeps what it was graded by for ever.
    const gone = this.#spare.shift();
    const fruit = this.#makeFruit(gone?.fruit);
    const track = gone ?? newTrack(fruit);
    beginTrack(track, fruit, lane, xMm, diameterMm, this.#encoderMm);
    track.chances = this.#travel.framesWith(xMm, diameterMm, this.#encoderMm);
    this.#tracks.push(track);
    return track;
  }

  #count(): void {
    for (let i = 0; i < this.#tracks.length; i++) {
      const track = this.#tracks[i]!;
      if (!track.open) continue;
      const isSeen = track.seenIn === this.#updates;
      // On a belt that runs backward it may be cut off, or gone.
      if (isSeen || this.#xMm(track) > track.diameterMm / 2) track.chances++;
      if (isSeen) track.sightings++;
    }
  }

  /** Of a belt that runs backward: what comes into the view again is known, and what goes far before it is forgotten unless it was handed out. */
  #turnBack(): void {
    const tracks = this.#tracks;
    let kept = 0;
    for (const track of tracks) if (!track.open || this.#xMm(track) > -beforeMm) tracks[kept++] = track;
    tracks.length = kept;
    this.#behind.takeBack(this.#encoderMm, tracks, tracksMax);
  }

  /**
   * Closes fruits that the next frame will cut off, with the last whole view in hand: waiting for that frame to prove it would make the
   * decision one interval older. They are remembered until they are gone, so that nothing takes them for new ones.
   */
  #close(left: Track<T>[]): void {
    const { viewMm } = this.#options;
    const reachMm = this.#travel.stepMm() * closeSteps + edgeMarginMm;
    let kept = 0;
    for (let i = 0; i < this.#tracks.length; i++) {
      const track = this.#tracks[i]!;
      if (track.open && this.#xMm(track) + track.diameterMm / 2 + reachMm > viewMm)
        this.#handOut(track, left);
      const isGone = this.#xMm(track) - track.diameterMm / 2 > viewMm;
      if (isGone) this.#behind.add(track, this.#encoderMm, this.#spare);
      else this.#tracks[kept++] = track;
    }
    if (kept < this.#tracks.length) this.#tracks.length = kept;
    sortByExit(left);
  }

  #handOut(track: LiveTrack<T>, to: Track<T>[]): void {
    track.open = false;
    const isUnlike = track.pictures >= picturesMin && track.unlike > unlikeShare * track.pictures;
    track.isFruit = !isUnlike && !this.#staysBehind(track);
    if (track.sightings * 4 >= track.chances) to.push(track);
    else this.ghosts++;
  }

  /** A hand, or what hangs over the belt. */
  #staysBehind({ originMm, bornOriginMm, bornAtMm }: LiveTrack<T>): boolean {
    const travelMm = this.#encoderMm - bornAtMm;
    return travelMm > driftAfterMm && Math.abs(originMm - bornOriginMm) > driftShare * travelMm;
  }

  /** What was seen in one frame alone was not followed: a count that jumps with every frame would give a record for each. */
  #flush(lost: Track<T>[]): void {
    for (const track of this.#tracks) {
      if (!track.open) continue;
      if (track.sightings > 1) this.#handOut(track, lost);
      else this.ghosts++;
    }
    this.#tracks.length = 0;
    this.#behind.forget();
    this.#travel.forget();
    sortByExit(lost);
  }

  #xMm(track: Pick<Track<T>, 'originMm'>): number {
    return track.originMm + this.#encoderMm;
  }
}

/** In the order in which they leave, those at the same place as they were. In place, since the library's copies them; they are few. */
function sortByExit<T>(tracks: Track<T>[]): Track<T>[] {
  for (let i = 1; i < tracks.length; i++) {
    const moved = tracks[i]!;
    let at = i;
    for (; at > 0 && tracks[at - 1]!.originMm < moved.originMm; at--) tracks[at] = tracks[at - 1]!;
    tracks[at] = moved;
  }
  return tracks;
}
