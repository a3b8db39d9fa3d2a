/** Draws what is no fruit. Shapes are given by how far inside of them a point is; all lengths in millimetres, along and across the thing. */
import type { LineGeometry } from '@pomona/grading';
import type { Picture } from './conveyor.ts';
import { type LineLight, noiseAt, noiseLength } from './line-light.ts';
import { type Stranger, strangerPlace } from './stranger.ts';

/** How far inside of a thing a point is, negative outside, and how bright it is there. */
type Shape = (along: number, across: number) => { inside: number; tone: number };

export function drawStranger(
  picture: Picture,
  geometry: LineGeometry,
  stranger: Stranger,
  encoderMm: number,
  light: LineLight,
  noise: Int8Array,
  noiseStart: number,
): void {
  const { xPx, yPx } = strangerPlace(stranger, geometry, encoderMm);
  const shape = stranger.kind === 'leaf' ? leafShape(stranger) : cupShape(stranger);
  paint(picture, geometry, shape, stranger, xPx, yPx, stranger.lengthMm, light, noise, noiseStart);
}

/** From the side of its lane, as far as it reaches in. */
export function drawHand(
  picture: Picture,
  geometry: LineGeometry,
  hand: Stranger,
  reach: number,
  light: LineLight,
  noise: Int8Array,
  noiseStart: number,
): void {
  const isTop = Math.sin(hand.angle) > 0;
  const backMm = (1 - reach) * hand.lengthMm;
  const xPx = hand.alongShare * geometry.frameWidthPx - (Math.cos(hand.angle) * backMm) / geometry.mmPerPx;
  const yPx = (isTop ? 0 : geometry.frameHeightPx) - (Math.sin(hand.angle) * backMm) / geometry.mmPerPx;
  paint(picture, geometry, handShape(hand), hand, xPx, yPx, 2 * hand.lengthMm, light, noise, noiseStart);
}

/** Pointed at both ends, with a stalk, a pale rib and a wavy edge; it is bent along the rib. */
function leafShape({ lengthMm, widthMm }: Stranger): Shape {
  return (along, across) => {
    const t = along / lengthMm + 0.5;
    const stalk = 1.1 - Math.max(Math.abs(across), t < -0.22 ? 9 : t > 0.3 ? 9 : 0);
    if (t <= 0 || t >= 1) return { inside: stalk, tone: 0.9 };
    const half = (widthMm / 2) * Math.sin(Math.PI * t ** 0.85) ** 0.8;
    const wave = 0.7 * Math.sin(t * 60);
    const rib = Math.abs(across) < 0.9 ? 0.3 : 0;
    const vein = Math.abs(Math.sin(t * 22 + Math.abs(across) * 0.25)) < 0.12 ? 0.12 : 0;
    const bend = across > 0 ? 1.08 : 0.88;
    return { inside: Math.max(stalk, half + wave - Math.abs(across)), tone: bend + rib + vein };
  };
}

/** A ring of plastic whose inside is open. */
function cupShape({ lengthMm }: Stranger): Shape {
  const outer = lengthMm / 2;
  const rim = 9;
  return (along, across) => {
    const away = Math.hypot(along, across);
    const middle = outer - rim / 2;
    const inside = rim / 2 - Math.abs(away - middle);
    return { inside, tone: 0.8 + 0.08 * inside + (0.1 * across) / outer };
  };
}

/** Forearm, palm, four fingers and a thumb; the finger tips are `lengthMm` from the wrist. */
function handShape({ lengthMm, widthMm }: Stranger): Shape {
  const palmMm = 0.52 * lengthMm;
  const finger = widthMm / 9;
  return (along, across) => {
    let inside = capsule(along, across, -400, 0, palmMm * 0.35, 0, widthMm * 0.34);
    inside = Math.max(
      inside,
      capsule(along, across, palmMm * 0.55, -widthMm * 0.1, palmMm * 0.55, widthMm * 0.1, widthMm * 0.4),
    );
    for (let k = 0; k < 4; k++) {
      const at = (k - 1.5) * finger * 2.05;
      const tip = lengthMm - Math.abs(k - 1.3) * 9;
      inside = Math.max(inside, capsule(along, across, palmMm * 0.7, at, tip, at * 1.15, finger));
    }
    const thumb = capsule(
      along,
      across,
      palmMm * 0.4,
      widthMm * 0.3,
      palmMm * 0.85,
      widthMm * 0.72,
      finger * 1.1,
    );
    inside = Math.max(inside, thumb);
    return { inside, tone: 0.72 + 0.3 * Math.min(1, inside / 10) };
  };
}

function capsule(
  x: number,
  y: number,
  ax: number,
  ay: number,
  bx: number,
  by: number,
  radius: number,
): number {
  const length2 = (bx - ax) ** 2 + (by - ay) ** 2;
  const t = Math.min(1, Math.max(0, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length2));
  return radius - Math.hypot(x - ax - t * (bx - ax), y - ay - t * (by - ay));
}

function paint(
  picture: Picture,
  { mmPerPx }: LineGeometry,
  shape: Shape,
  { angle, colour }: Stranger,
  xPx: number,
  yPx: number,
  reachMm: number,
  light: LineLight,
  noise: Int8Array,
  noiseStart: number,
): void {
  const { data, width, height } = picture;
  const cx = xPx - picture.left;
  const cy = yPx - picture.top;
  const reach = reachMm / mmPerPx;
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  const lit = colour.map((value, c) => value * light.gain[c]! ** (1 / 2.1));
  for (let y = Math.max(0, Math.floor(cy - reach)); y < Math.min(height, cy + reach); y++) {
    const noiseRow = noiseAt(noiseStart, 0, y);
    for (let x = Math.max(0, Math.floor(cx - reach)); x < Math.min(width, cx + reach); x++) {
      const dx = (x + 0.5 - cx) * mmPerPx;
      const dy = (y + 0.5 - cy) * mmPerPx;
      const { inside, tone } = shape(dx * cos + dy * sin, dy * cos - dx * sin);
      const cover = Math.min(1, inside / mmPerPx + 0.5);
      if (cover <= 0) continue;
      const at = (y * width + x) * 3;
      const n = (noiseRow + 4 * x) & (noiseLength - 4);
      for (let c = 0; c < 3; c++) {
        const value = Math.min(255, Math.max(0, lit[c]! * tone + noise[n + c]!));
        data[at + c] = data[at + c]! + (value - data[at + c]!) * cover;
      }
    }
  }
}
