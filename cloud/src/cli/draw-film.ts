import { open } from 'node:fs/promises';
import { encodeFrameHeader, type LineGeometry } from '@pomona/grading';
import { Line } from '@pomona/orchard';

export interface Film {
  readonly geometry: LineGeometry;
  readonly fruitsPerS: number;
  readonly framesPerS: number;
  /** Either so many frames, or so many fruit and then on until the belt is empty. */
  readonly length: { readonly frames: number } | { readonly fruits: number };
}

/** A fruit is seen whole over so much belt, less two steps at the end and some luck at the beginning. */
const seenWholeMm = 495;
const spareSteps = 2.2;

/** How fast its belt runs, millimetres per second. */
export function beltOf({ geometry, fruitsPerS }: Pick<Film, 'geometry' | 'fruitsPerS'>): number {
  return new Line({ seed: 1, geometry, fruitsPerS }).beltMmPerS;
}

/** So that a fruit on the usual line's stretch of belt is seen so often. */
export function framesPerSFor(beltMmPerS: number, views: number): number {
  return (beltMmPerS * (views + spareSteps)) / seenWholeMm;
}

/** Draws a line to a file: each frame behind its header, `emptyFrames` first in which the belt is empty. */
export async function drawFilm(
  file: string,
  { geometry, fruitsPerS, framesPerS, length }: Film,
  signal: AbortSignal,
): Promise<{ readonly frames: number; readonly emptyFrames: number }> {
  const fruitsMax = 'fruits' in length ? length.fruits : undefined;
  const line = new Line({ seed: 1, geometry, fruitsPerS, ...(fruitsMax === undefined ? {} : { fruitsMax }) });
  const { frameWidthPx: width, frameHeightPx: height } = geometry;
  const data = new Uint8Array(width * height * 3);
  const out = await open(file, 'w');
  let left = 0;
  let seq = 0;
  let emptyFrames = 0;
  try {
    const isOver = () => ('frames' in length ? seq === length.frames : left === length.fruits);
    for (; !isOver(); seq++) {
      signal.throwIfAborted();
      const encoderMm = (seq / framesPerS) * line.beltMmPerS;
      left += line.advance(encoderMm).length;
      if (left === 0 && line.passing.length === 0) emptyFrames++;
      line.draw(data, encoderMm, seq);
      const capturedAtMs = (seq * 1000) / framesPerS;
      await out.writeFile(encodeFrameHeader({ width, height, data, seq, capturedAtMs, encoderMm }));
      await out.writeFile(data);
    }
  } finally {
    await out.close();
  }
  return { frames: seq, emptyFrames };
}

/** The usual line with another number of lanes of the same width. */
export function geometryOf(usual: LineGeometry, lanes: number): LineGeometry {
  return { ...usual, lanes, frameHeightPx: (usual.frameHeightPx / usual.lanes) * lanes };
}
