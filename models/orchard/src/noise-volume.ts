import type { Random } from '@pomona/wire';

const side = 32;
const mask = side - 1;

/**
 * Smooth random values in space that repeat every 32 units: a lattice of random numbers, blended. Features are about one
 * unit large, values have mean 0 and deviation about 0.5.
 */
export class NoiseVolume {
  readonly #lattice = new Float32Array(side ** 3);

  constructor(random: Random) {
    for (let i = 0; i < this.#lattice.length; i++) this.#lattice[i] = random.next() * 2 - 1;
  }

  at(x: number, y: number, z: number): number {
    const xf = Math.floor(x);
    const yf = Math.floor(y);
    const zf = Math.floor(z);
    const tx = fade(x - xf);
    const ty = fade(y - yf);
    const tz = fade(z - zf);
    const x0 = xf & mask;
    const x1 = (xf + 1) & mask;
    const y0 = (yf & mask) * side;
    const y1 = ((yf + 1) & mask) * side;
    const z0 = (zf & mask) * side * side;
    const z1 = ((zf + 1) & mask) * side * side;
    const l = this.#lattice;
    const near = blend(
      blend(l[z0 + y0 + x0]!, l[z0 + y0 + x1]!, tx),
      blend(l[z0 + y1 + x0]!, l[z0 + y1 + x1]!, tx),
      ty,
    );
    const far = blend(
      blend(l[z1 + y0 + x0]!, l[z1 + y0 + x1]!, tx),
      blend(l[z1 + y1 + x0]!, l[z1 + y1 + x1]!, tx),
      ty,
    );
    return 1.5 * blend(near, far, tz);
  }
}

function fade(t: number): number {
  return t * t * (3 - 2 * t);
}

function blend(a: number, b: number, t: number): number {
  return a + (b - a) * t;
}
