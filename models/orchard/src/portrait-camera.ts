import { type Random, randomBetween, randomNormal } from '@pomona/wire';
import type { PortraitForm } from './portrait-form.ts';
import { type Paint, smooth } from './portrait-skin.ts';

/** What cameras do to colours: hue turned by up to 0.15 rad, saturation, white balance, gamma, contrast, blur, noise. */
export function photograph(paint: Paint, form: PortraitForm, random: Random, crop: Uint8Array): void {
  shiftColours(paint, form, random);
  const blur = random.next() < 0.7 ? randomBetween(random, 0, 1) : 0;
  if (blur > 0) for (const step of [3, 3 * form.size]) blurAlong(paint, form, step, blur);
  const noise = random.next() < 0.6 ? randomBetween(random, 0, 7) : 0;
  for (let i = 0; i < form.mask.length; i++) {
    if (form.mask[i] === 0) continue;
    const grain = noise > 0 ? noise * 0.7 * randomNormal(random) : 0;
    for (let c = 0; c < 3; c++) {
      const own = noise > 0 ? noise * (random.next() - 0.5) : 0;
      // Exactly black is what is not fruit.
      crop[3 * i + c] = Math.min(255, Math.max(1, Math.round(paint[3 * i + c]! + grain + own)));
    }
  }
}

/** Hue and saturation turn and stretch the colour's part across the grey axis (YIQ); then gains and a power. */
function shiftColours(paint: Paint, form: PortraitForm, random: Random): void {
  const hue = randomBetween(random, -0.15, 0.15);
  const saturation = randomBetween(random, 0.6, 1.45);
  const cos = saturation * Math.cos(hue);
  const sin = saturation * Math.sin(hue);
  // Now and then a camera takes the colour of the ground for grey.
  const balance = random.next() < 0.2 ? 0.25 : 0.1;
  const gains = [0, 1, 2].map(() => Math.exp(balance * randomNormal(random)));
  const exponent = Math.exp(randomBetween(random, -0.35, 0.35));
  const contrast = random.next() < 0.5 ? randomBetween(random, -0.1, 0.6) : 0;
  for (let i = 0; i < form.mask.length; i++) {
    if (form.mask[i] === 0) continue;
    const [r, g, b] = [paint[3 * i]!, paint[3 * i + 1]!, paint[3 * i + 2]!];
    const luma = 0.299 * r + 0.587 * g + 0.114 * b;
    const orange = 0.596 * r - 0.274 * g - 0.322 * b;
    const purple = 0.211 * r - 0.523 * g + 0.312 * b;
    const p = cos * orange - sin * purple;
    const q = sin * orange + cos * purple;
    paint[3 * i] = developed((luma + 0.956 * p + 0.621 * q) * gains[0]!, exponent, contrast);
    paint[3 * i + 1] = developed((luma - 0.272 * p - 0.647 * q) * gains[1]!, exponent, contrast);
    paint[3 * i + 2] = developed((luma - 1.106 * p + 1.703 * q) * gains[2]!, exponent, contrast);
  }
}

/** A power, and the curve of a phone's program, which is steep in the middle. */
function developed(value: number, exponent: number, contrast: number): number {
  const plain = Math.min(1, Math.max(0, value / 255)) ** exponent;
  return 255 * (plain + contrast * (smooth(plain) - plain));
}

/** One pixel's neighbours along one axis join it, those that are fruit. */
function blurAlong(paint: Paint, form: PortraitForm, step: number, share: number): void {
  const sharp = paint.slice();
  for (let i = 0; i < form.mask.length; i++) {
    if (form.mask[i] === 0) continue;
    const isFruit = (at: number): boolean => at >= 0 && form.mask[at] === 1;
    const before = isFruit(i - step / 3) ? 3 * i - step : 3 * i;
    const after = isFruit(i + step / 3) ? 3 * i + step : 3 * i;
    for (let c = 0; c < 3; c++) {
      const mean = (sharp[before + c]! + sharp[after + c]!) / 2;
      paint[3 * i + c] = sharp[3 * i + c]! + ((mean - sharp[3 * i + c]!) * share * 2) / 3;
    }
  }
}
