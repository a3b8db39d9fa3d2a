import { type Random, randomBetween, randomInt } from '@pomona/wire';
import { type Canvas, eachCovered, randomBrown, tintPixel } from './blemish-canvas.ts';
import { smooth, surfaceNoise } from './portrait-skin.ts';
import type { Rgb } from './variety.ts';

/** Skin that split: a dark line, pale along its lips, through flesh that has gone brown. */
export function paintCrack(canvas: Canvas): void {
  const { form, place } = canvas;
  const { random } = place;
  const angle = randomBetween(random, 0, 2 * Math.PI);
  const [across, down] = [Math.cos(angle), Math.sin(angle)];
  const offset = randomBetween(random, -0.6, 0.6);
  const bend = randomBetween(random, -0.5, 0.5);
  const middle = randomBetween(random, -0.4, 0.4);
  const halfLength = randomBetween(random, 0.35, 1.1);
  const width = randomBetween(random, 0.015, 0.06);
  const beside = randomBetween(random, 0.08, 0.35);
  const browned = randomBetween(random, 0.45, 0.9);
  const sunk = randomBetween(random, 0, 0.08);
  const lips = randomBetween(random, 0, 0.6);
  const [flesh, dark] = [randomBrown(random), scaled(randomBrown(random), 0.45)];
  const ragged = surfaceNoise(place, form, randomBetween(random, 3, 8));
  for (let i = 0; i < form.mask.length; i++) {
    if (form.mask[i] === 0 || form.z[i]! < 0) continue;
    const along = form.x[i]! * across + form.y[i]! * down - middle;
    const off = form.x[i]! * -down + form.y[i]! * across - offset - bend * along * along;
    const taper = smooth((1 - Math.abs(along) / halfLength) * 3);
    const distance = Math.abs(off + 0.03 * ragged[i]!);
    const around = browned * taper * smooth((beside * (1 + 0.5 * ragged[i]!) - distance) / (0.4 * beside));
    form.relief[i]! -= sunk * taper * smooth(1 - distance / beside);
    tintPixel(canvas, i, flesh, around, 1 + 0.1 * ragged[i]!, 1);
    tintPixel(canvas, i, paleFlesh, lips * taper * smooth((2.2 * width - distance) * 40), 1, 0);
    tintPixel(canvas, i, dark, 0.95 * taper * smooth((width * taper - distance) * 60 + 0.5), 1, 0);
  }
}

/** A dark hole or scab in a ring of another colour: what stings, bites and punctures leave. */
export function paintWound(canvas: Canvas): void {
  const { form, place } = canvas;
  const { random } = place;
  const count = 1 + randomInt(random, 3);
  const halo = random.next() < 0.5 ? haloColour(random) : randomBrown(random);
  const core = scaled(randomBrown(random), randomBetween(random, 0.2, 0.7));
  const coreShare = randomBetween(random, 0.25, 0.7);
  const strength = randomBetween(random, 0.45, 0.95);
  const fine = surfaceNoise(place, form, 9);
  for (let n = 0; n < count; n++) {
    const radius = randomBetween(random, 0.3, 0.75) / Math.sqrt(count);
    eachCovered(canvas, radius, randomBetween(random, 0.1, 0.5), (i, cover, distance) => {
      tintPixel(canvas, i, halo, strength * cover, 1 + 0.1 * fine[i]!, 0);
      tintPixel(canvas, i, core, 0.95 * smooth((coreShare - distance) * 6 + 0.5), 1 + 0.2 * fine[i]!, 1);
    });
  }
}

/** Dark cracks that run out from one place, mostly where stem or calyx sits. */
export function paintStar(canvas: Canvas): void {
  const { form, place } = canvas;
  const { volume, random } = place;
  const angle = randomBetween(random, 0, 2 * Math.PI);
  const from = randomBetween(random, 0, 0.7);
  const [cx, cy] = [from * Math.cos(angle), from * Math.sin(angle)];
  const reach = randomBetween(random, 0.4, 0.95);
  const [start, arms] = [randomBetween(random, 0, 32), randomBetween(random, 1.2, 3)];
  const heart = randomBetween(random, 0.1, 0.35);
  const colour = scaled(randomBrown(random), randomBetween(random, 0.3, 0.9));
  const strength = randomBetween(random, 0.6, 0.95);
  const fine = surfaceNoise(place, form, randomBetween(random, 5, 10));
  for (let i = 0; i < form.mask.length; i++) {
    if (form.mask[i] === 0 || form.z[i]! < 0) continue;
    const [dx, dy] = [form.x[i]! - cx, form.y[i]! - cy];
    const distance = Math.hypot(dx, dy) / reach;
    // On a circle, so that the noise meets itself.
    const [u, v] = [dx / (distance * reach + 1e-6), dy / (distance * reach + 1e-6)];
    const arm = volume.at(start + u * arms, start + v * arms, start + 1.5 * distance);
    const cover = smooth((arm + 0.3 * fine[i]! + 0.55 - distance) * 4);
    const inner = smooth((heart - distance + 0.1 * fine[i]!) * 12);
    tintPixel(canvas, i, colour, strength * Math.max(cover * smooth((1.2 - distance) * 4), inner), 1, 1);
  }
}

const paleFlesh: Rgb = [216, 190, 140];

/** Yellow to green, as skin around a sting turns. */
function haloColour(random: Random): Rgb {
  return [randomBetween(random, 140, 220), randomBetween(random, 150, 200), randomBetween(random, 60, 120)];
}

function scaled(colour: Rgb, by: number): Rgb {
  return [colour[0] * by, colour[1] * by, colour[2] * by];
}
