import { type Random, randomBetween, randomInt } from '@pomona/wire';
import type { PortraitForm } from './portrait-form.ts';
import { type SkinNormals, skinNormals } from './portrait-relief.ts';
import { type Paint, smooth } from './portrait-skin.ts';
import type { Rgb } from './variety.ts';

/** What a radius of depth keeps out of the light from everywhere, as a logarithm. */
const occlusion = 2.5;

/** Light as rooms and yards have it: a lamp, what comes from everywhere, cast shadows, and what the skin mirrors. */
export function lightPortrait(paint: Paint, form: PortraitForm, random: Random): void {
  const lamp = randomDirection(random, 0.1);
  const ambient = randomBetween(random, 0.3, 0.85);
  const strength = randomBetween(random, 0.5, 1.1) * (1.25 - 0.6 * ambient);
  const gain = randomBetween(random, 0.85, 1.2);
  const rimShade = randomBetween(random, 0, 0.5);
  const lamps: Rgb = [1, randomBetween(random, 0.9, 1.05), randomBetween(random, 0.75, 1.1)];
  const shadow = randomShadow(random);
  const [from, bounced] = [randomDirection(random, -0.5), randomBounce(random)];
  const normals = skinNormals(form);
  for (let i = 0; i < form.mask.length; i++) {
    if (form.mask[i] === 0) continue;
    const [x, y, z] = [normals.x[i]!, normals.y[i]!, normals.z[i]!];
    const facing = Math.max(0, x * lamp[0] + y * lamp[1] + z * lamp[2]);
    const below = Math.max(0, x * from[0] + y * from[1] + z * from[2]);
    const shaded = shadow(form.x[i]!, form.y[i]!);
    // Less of what comes from everywhere finds its way into a cavity.
    const open = Math.exp(occlusion * Math.min(0, form.relief[i]!));
    const dim = gain * (1 - rimShade * form.rim[i]! ** 4);
    for (let c = 0; c < 3; c++)
      paint[3 * i + c]! *=
        dim *
        (ambient * open + bounced[c]! * below + strength * facing * lamps[c]! * shaded) *
        (0.5 + 0.5 * shaded);
  }
  const glares = random.next() < 0.65 ? 1 + randomInt(random, 2) : 0;
  for (let n = 0; n < glares; n++) paintGlare(paint, form, normals, random);
  const count = random.next() < 0.85 ? 1 + randomInt(random, 4) : 0;
  for (let n = 0; n < count; n++) paintHighlight(paint, form, normals, random);
}

/** What a table, a wall or a hand throws back, in its own colour; in half of the portraits hardly anything. */
function randomBounce(random: Random): Rgb {
  const strength = randomBetween(random, 0, 0.35) * random.next();
  return [0, 1, 2].map(() => strength * randomBetween(random, 0.3, 1.3)) as unknown as Rgb;
}

/** Share of the lamp's light that arrives: less beyond an edge, straight or round, in three of ten portraits. */
function randomShadow(random: Random): (x: number, y: number) => number {
  if (random.next() > 0.3) return () => 1;
  const angle = randomBetween(random, 0, 2 * Math.PI);
  const [across, down] = [Math.cos(angle), Math.sin(angle)];
  const offset = randomBetween(random, -0.3, 0.8);
  const softness = randomBetween(random, 0.06, 0.6);
  const left = randomBetween(random, 0.25, 0.75);
  const bend = randomBetween(random, -0.6, 0.6);
  return (x, y) => {
    const beyond = x * across + y * down + bend * (x * down - y * across) ** 2 - offset;
    return 1 - (1 - left) * smooth(0.5 + beyond / softness);
  };
}

/** What a bright sky or a white wall leaves on wax: a wide pale veil without an edge. */
function paintGlare(paint: Paint, form: PortraitForm, { x, y }: SkinNormals, random: Random): void {
  const [cx, cy] = randomDirection(random, 0.25);
  const turn = randomBetween(random, 0, Math.PI);
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  const halfLength = randomBetween(random, 0.2, 0.7);
  const halfWidth = halfLength * randomBetween(random, 0.35, 1);
  const strength = randomBetween(random, 0.1, 0.65);
  const tint: Rgb = [250, randomBetween(random, 235, 255), randomBetween(random, 215, 260)];
  for (let i = 0; i < form.mask.length; i++) {
    if (form.mask[i] === 0) continue;
    const [dx, dy] = [x[i]! - cx, y[i]! - cy];
    const u = (dx * cos + dy * sin) / halfLength;
    const v = (dy * cos - dx * sin) / halfWidth;
    const cover = strength * Math.exp(-(u * u + v * v));
    for (let c = 0; c < 3; c++) paint[3 * i + c]! += (tint[c]! - paint[3 * i + c]!) * cover;
  }
}

/** The mirror image of a lamp, a window or a bright wall: round, long, or a pane with bars. */
function paintHighlight(paint: Paint, form: PortraitForm, { x, y }: SkinNormals, random: Random): void {
  const [cx, cy] = randomDirection(random, 0.35);
  const turn = randomBetween(random, 0, Math.PI);
  const isPane = random.next() < 0.3;
  const halfLength = randomBetween(random, 0.04, 0.28);
  const halfWidth = halfLength * randomBetween(random, 0.3, 1);
  const strength = randomBetween(random, 0.2, 1);
  const bars = isPane && random.next() < 0.5 ? randomBetween(random, 0.1, 0.2) : 0;
  const softness = isPane ? 0.3 : randomBetween(random, 0.6, 1.5);
  for (let i = 0; i < form.mask.length; i++) {
    if (form.mask[i] === 0) continue;
    const dx = x[i]! - cx;
    const dy = y[i]! - cy;
    const u = Math.abs(dx * Math.cos(turn) + dy * Math.sin(turn)) / halfLength;
    const v = Math.abs(dy * Math.cos(turn) - dx * Math.sin(turn)) / halfWidth;
    const distance = isPane ? Math.max(u, v) : Math.hypot(u, v);
    if (bars > 0 && (u < bars || v < bars)) continue;
    const cover = strength * smooth((1 - distance) / softness);
    for (let c = 0; c < 3; c++) paint[3 * i + c]! += (250 - paint[3 * i + c]!) * cover;
  }
}

/** What is in front of the fruit or behind its edge: a finger's side, a leaf, a strip of background. */
export function paintSliver(paint: Paint, form: PortraitForm, random: Random): void {
  if (random.next() > 0.35) return;
  const from = randomBetween(random, -Math.PI, Math.PI);
  const span = randomBetween(random, 0.3, 1.6);
  const inner = 1 - randomBetween(random, 0.02, 0.16);
  const colour: Rgb =
    random.next() < 0.3
      ? [randomBetween(random, 150, 235), randomBetween(random, 105, 180), randomBetween(random, 80, 150)]
      : [randomBetween(random, 0, 255), randomBetween(random, 0, 255), randomBetween(random, 0, 255)];
  const grey = random.next();
  const mean = (colour[0] + colour[1] + colour[2]) / 3;
  for (let i = 0; i < form.mask.length; i++) {
    if (form.mask[i] === 0 || form.rim[i]! < inner) continue;
    const angle = Math.atan2(form.y[i]!, form.x[i]!) - from;
    const turned = angle < 0 ? angle + 2 * Math.PI : angle;
    // Thinner towards both ends.
    if (turned > span || form.rim[i]! < 1 - (1 - inner) * Math.sin((Math.PI * turned) / span)) continue;
    for (let c = 0; c < 3; c++) paint[3 * i + c] = colour[c]! + (mean - colour[c]!) * grey;
  }
}

function randomDirection(random: Random, zMin: number): Rgb {
  const z = randomBetween(random, zMin, 1);
  const across = Math.sqrt(1 - z * z);
  const angle = randomBetween(random, 0, 2 * Math.PI);
  return [across * Math.cos(angle), across * Math.sin(angle), z];
}
