export interface Track<T> {
  readonly lane: number;
  /** Where the fruit's centre is when the encoder reads 0. */
  readonly originMm: number;
  readonly diameterMm: number;
  /** False of what most pictures show to be something else, or that does not travel with the belt. Final when it is handed out. */
  readonly isFruit: boolean;
  /** What the owner of the tracker keeps of the fruit; made at its first sighting. */
  readonly fruit: T;
}

/** What the tracker knows of a fruit. There for one fruit after the other. */
export interface LiveTrack<T> {
  fruit: T;
  lane: number;
  originMm: number;
  diameterMm: number;
  sightings: number;
  /** Frames in which the fruit stood whole in the view, also before it was first found. */
  chances: number;
  lastViewAtMm: number;
  open: boolean;
  isFruit: boolean;
  /** Pictures of it alone, and those of them that look like no fruit. */
  pictures: number;
  unlike: number;
  /** Where it was, and the encoder, when it was first seen. */
  bornOriginMm: number;
  bornAtMm: number;
  /** The update that found it last. */
  seenIn: number;
}

/** With numbers that are no whole ones, where such are written later: V8 writes them over these. */
export function newTrack<T>(fruit: T): LiveTrack<T> {
  return {
    fruit,
    lane: 0,
    originMm: Number.NaN,
    diameterMm: Number.NaN,
    sightings: 0,
    chances: 0,
    lastViewAtMm: Number.NaN,
    open: true,
    isFruit: true,
    pictures: 0,
    unlike: 0,
    bornOriginMm: Number.NaN,
    bornAtMm: Number.NaN,
    seenIn: 0,
  };
}

/** Of a fruit that was found at `xMm` when the encoder read `encoderMm`, and of none before. */
export function beginTrack<T>(
  track: LiveTrack<T>,
  fruit: T,
  lane: number,
  xMm: number,
  diameterMm: number,
  encoderMm: number,
): void {
  track.fruit = fruit;
  track.lane = lane;
  track.originMm = xMm - encoderMm;
  track.diameterMm = diameterMm;
  track.sightings = 0;
  track.chances = 0;
  track.lastViewAtMm = Number.NaN;
  track.open = true;
  track.isFruit = true;
  track.pictures = 0;
  track.unlike = 0;
  track.bornOriginMm = track.originMm;
  track.bornAtMm = encoderMm;
  track.seenIn = 0;
}
