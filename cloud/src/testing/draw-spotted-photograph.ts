import { randomBetween, seededRandom } from '@pomona/wire';
import sharp, { type Sharp } from 'sharp';

export interface SpottedPhotograph {
  readonly skin?: string;
  /** What surrounds the fruit, and where it lies, of another seed: the same fruit, photographed again. */
  readonly place?: number;
  readonly side?: number;
}

/** A picture of an apple whose skin has spots; the same seed has the same spots. */
export function drawSpottedPhotograph(
  seed: number,
  { skin = '#a83232', place = seed, side = 200 }: SpottedPhotograph = {},
): Sharp {
  const around = seededRandom(place, 'place');
  const x = randomBetween(around, 0.45, 0.55) * side;
  const y = randomBetween(around, 0.45, 0.55) * side;
  const radius = 0.28 * side;
  const random = seededRandom(seed, 'spots');
  const spots = Array.from({ length: 40 }, () => {
    const angle = randomBetween(random, 0, 2 * Math.PI);
    const distance = Math.sqrt(random.next()) * 0.85 * radius;
    const [cx, cy] = [x + distance * Math.cos(angle), y + distance * Math.sin(angle)];
    const fill = random.next() < 0.5 ? '#e8c070' : '#401010';
    return `<circle cx="${cx}" cy="${cy}" r="${randomBetween(random, 0.05, 0.12) * radius}" fill="${fill}"/>`;
  });
  return sharp(
    Buffer.from(`<svg width="${side}" height="${side}" xmlns="http://www.w3.org/2000/svg">
      <rect width="100%" height="100%" fill="#d8d2c4"/>
      <circle cx="${x}" cy="${y}" r="${radius}" fill="${skin}"/>${spots.join('')}</svg>`),
  ).flatten();
}
