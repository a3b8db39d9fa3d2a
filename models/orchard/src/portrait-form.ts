import { cropFill } from '@pomona/grading';
import { type Random, randomBetween, randomInt } from '@pomona/wire';
import type { Rotation } from './roll.ts';

/** What of a portrait is fruit, and which point of the fruit each pixel shows. All arrays have one entry per pixel. */
export interface PortraitForm {
  readonly size: number;
  /** 1 on the fruit, else 0. */
  readonly mask: Uint8Array;
  /** The surface's direction, a unit vector; z points to the camera. */
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly z: Float32Array;
  /** Distance from the middle as a share of the outline's in that direction, 0 to 1. */
  readonly rim: Float32Array;
  /** Height of the skin above the ball, in radii: below 0 in cavities, dents and folds. Who paints them, digs them. */
  readonly relief: Float32Array;
}

/** A round, oblong or lopsided outline that fills a standard crop, with pieces missing as where a cut-out went wrong. */
export function portraitForm(size: number, random: Random): PortraitForm {
  const pixels = size * size;
  const form: PortraitForm = {
    size,
    mask: new Uint8Array(pixels),
    x: new Float32Array(pixels),
    y: new Float32Array(pixels),
    z: new Float32Array(pixels),
    rim: new Float32Array(pixels),
    relief: new Float32Array(pixels),
  };
  const outline = randomOutline(random);
  const isCut = randomCuts(random);
  // A cut-out rarely ends just where the fruit does: what is aslant at the rim may be lost.
  const shown = random.next() < 0.7 ? randomBetween(random, 0.86, 1) : 1;
  for (let i = 0; i < pixels; i++) {
    const x = ((i % size) + 0.5 - size / 2) / ((size / 2) * cropFill);
    const y = (Math.floor(i / size) + 0.5 - size / 2) / ((size / 2) * cropFill);
    const angle = Math.atan2(y, x) / (2 * Math.PI) + 0.5;
    const reach = outline[Math.floor(angle * outline.length) % outline.length]!;
    const distance = Math.hypot(x, y);
    const rim = distance / reach;
    if (rim >= 1 || isCut(x, y)) continue;
    const seen = rim * shown;
    const across = distance === 0 ? 0 : seen / distance;
    form.mask[i] = 1;
    form.x[i] = x * across;
    form.y[i] = y * across;
    form.z[i] = Math.sqrt(1 - seen * seen);
    form.rim[i] = rim;
  }
  return form;
}

/** The same picture of a fruit that lies otherwise: only which of its points each pixel shows is another. What is dug into one is dug into both. */
export function turnedForm(form: PortraitForm, lie: Rotation): PortraitForm {
  const { mask } = form;
  const along = (axis: number): Float32Array =>
    Float32Array.from(
      mask,
      (_, i) => lie[axis]! * form.x[i]! + lie[3 + axis]! * form.y[i]! + lie[6 + axis]! * form.z[i]!,
    );
  return { ...form, x: along(0), y: along(1), z: along(2) };
}

/** The outline's distance from the middle at each angle; the largest is 1. */
function randomOutline(random: Random): Float32Array {
  const aspect = randomBetween(random, 0.78, 1);
  const turn = randomBetween(random, 0, Math.PI);
  const waves = [2, 3, 4, 5, 7].map((count) => ({
    count,
    height: (randomBetween(random, 0, 0.11) * (random.next() < 0.6 ? 1 : 0.3)) / (count - 0.8),
    phase: randomBetween(random, 0, 2 * Math.PI),
  }));
  const outline = Float32Array.from({ length: 720 }, (_, at) => {
    const angle = (at / 720 - 0.5) * 2 * Math.PI;
    const oval = 1 / Math.hypot(Math.cos(angle - turn), Math.sin(angle - turn) / aspect);
    return waves.reduce(
      (r, { count, height, phase }) => r * (1 + height * Math.cos(count * angle + phase)),
      oval,
    );
  });
  roughen(outline, random);
  const largest = outline.reduce((most, each) => Math.max(most, each), 0);
  return outline.map((each) => each / largest);
}

/** The outline of a cut-out is made of steps, and goes a little in and out from one to the next. */
function roughen(outline: Float32Array, random: Random): void {
  const step = 10;
  const height = random.next() < 0.8 ? randomBetween(random, 0, 0.03) : 0;
  const knots = Array.from({ length: outline.length / step }, () => 1 + height * (random.next() - 0.5));
  for (let at = 0; at < outline.length; at++) {
    const before = Math.floor(at / step);
    const share = (at % step) / step;
    const [from, to] = [knots[before]!, knots[(before + 1) % knots.length]!];
    outline[at]! *= from + (to - from) * share;
  }
}

/** Straight or round pieces that the cut-out lost, in three of ten portraits. */
function randomCuts(random: Random): (x: number, y: number) => boolean {
  if (random.next() > 0.3) return () => false;
  const cuts = Array.from({ length: 1 + randomInt(random, 2) }, () => {
    const angle = randomBetween(random, 0, 2 * Math.PI);
    const isRound = random.next() < 0.6;
    const radius = randomBetween(random, 0.12, 0.35);
    const depth = randomBetween(random, 0.04, 0.22);
    return { across: Math.cos(angle), down: Math.sin(angle), isRound, radius, depth };
  });
  return (x, y) =>
    cuts.some(({ across, down, isRound, radius, depth }) => {
      if (!isRound) return x * across + y * down > 1 - 0.7 * depth;
      const centre = 1 + radius - depth;
      return Math.hypot(x - centre * across, y - centre * down) < radius;
    });
}
