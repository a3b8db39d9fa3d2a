import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { randomBetween, randomInt, seededRandom } from '@pomona/wire';
import sharp, { type Sharp } from 'sharp';

/** A picture of one apple on a table, another one for every `seed`. */
export function drawPhotograph(seed: number, skin = '#b02a30', side = 160): Sharp {
  const random = seededRandom(seed, 'photograph');
  const x = randomBetween(random, 0.4, 0.6) * side;
  const y = randomBetween(random, 0.4, 0.6) * side;
  const radius = randomBetween(random, 0.22, 0.3) * side;
  // Lenticels, without which no part of the skin would be sharp.
  const dots = Array.from({ length: 40 }, () => {
    const [towards, away] = [randomBetween(random, 0, 2 * Math.PI), randomBetween(random, 0, 0.8) * radius];
    return `<circle cx="${x + away * Math.cos(towards)}" cy="${y + away * Math.sin(towards)}" r="1" fill="#fff" fill-opacity="0.3"/>`;
  }).join('');
  const table = ['#d8d2c4', '#c9ced6', '#e2dccb', '#b9b4aa'][randomInt(random, 4)]!;
  return sharp(
    Buffer.from(`<svg width="${side}" height="${side}" xmlns="http://www.w3.org/2000/svg">
      <defs><radialGradient id="light" cx="40%" cy="35%"><stop offset="0" stop-color="#fff" stop-opacity="0.35"/>
        <stop offset="1" stop-color="#000" stop-opacity="0.35"/></radialGradient></defs>
      <rect width="100%" height="100%" fill="${table}"/>
      <ellipse cx="${x}" cy="${y}" rx="${radius}" ry="${radius * 0.92}" fill="${skin}"/>
      <ellipse cx="${x}" cy="${y}" rx="${radius}" ry="${radius * 0.92}" fill="url(#light)"/>
      ${dots}
    </svg>`),
  ).flatten();
}

export async function writePhotograph(path: string, seed: number, skin?: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await drawPhotograph(seed, skin).jpeg().toFile(path);
}

/** A fruit's crop (uint8 [size, size, 3], what is not fruit is 0) as a photograph before a white wall. */
export function photographOfCrop(crop: Uint8Array, size: number): Sharp {
  const picture = Uint8Array.from(crop);
  for (let i = 0; i < picture.length; i += 3)
    if (picture[i]! + picture[i + 1]! + picture[i + 2]! === 0) picture.fill(255, i, i + 3);
  return sharp(picture, { raw: { width: size, height: size, channels: 3 } }).resize(240, 240);
}
