/** A blob of one frame, millimetres from the camera's entry edge. */
export interface Detection {
  readonly lane: number;
  readonly xMm: number;
  /** Along the belt and across it. */
  readonly lengthMm: number;
  readonly widthMm: number;
  /** Cut off by the frame: known to be there, useless as a view and as a measure. */
  readonly touchesEdge: boolean;
  /** As far as one picture can tell it is a leaf, a cup, a hand: no fruit. */
  readonly unlikeFruit?: boolean;
}

const clumpAspect = 1.4;

/** Longer than any apple is: several that touch. */
export function isClump(detection: Detection): boolean {
  return detection.lengthMm > clumpAspect * detection.widthMm;
}

/** The larger extent: what hides a part of a fruit only makes it smaller. */
export function diameterOf(lengthMm: number, widthMm: number): number {
  return Math.max(lengthMm, widthMm);
}

/** No earlier detection is of its lane. */
export function isFirstOfLane(detections: readonly Detection[], index: number): boolean {
  for (let i = 0; i < index; i++) if (detections[i]!.lane === detections[index]!.lane) return false;
  return true;
}

/** Of a thing alone, as one of those that look like no fruit, or not. */
export function countPicture(thing: { pictures: number; unlike: number }, detection: Detection): void {
  thing.pictures++;
  if (detection.unlikeFruit === true) thing.unlike++;
}
