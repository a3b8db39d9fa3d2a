import { type LineGeometry, laneHeightPx } from '@pomona/grading';
import { type Random, randomBetween, seededRandom } from '@pomona/wire';
import { type LineLight, noiseAt, noiseLength } from './line-light.ts';
import { NoiseVolume } from './noise-volume.ts';

/** A part of the line's picture that is being drawn: `data` uint8 [height, width, 3]; its corner is (left, top) of the whole frame. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
  readonly left: number;
  readonly top: number;
}

const rollersMin = 16;
const rollerPitchMm = 42;
/** Stray light, grey levels; also keeps noise from wrapping below 0. */
const floorGrey = 8;

/** The belt: dark rubber rollers, waisted in the middle of each lane, that travel on chains beside the lanes. */
export class Conveyor {
  readonly #geometry: LineGeometry;
  /** Grey levels of the belt under even light, [frame height, period]; repeats along x. */
  readonly #strip: Uint8Array;
  readonly #periodPx: number;

  constructor(geometry: LineGeometry, seed: number) {
    this.#geometry = geometry;
    const pitchPx = Math.round(rollerPitchMm / geometry.mmPerPx);
    const rollers = Math.max(rollersMin, Math.ceil(geometry.frameWidthPx / pitchPx) + 1);
    this.#periodPx = rollers * pitchPx;
    this.#strip = paintStrip(geometry, this.#periodPx, pitchPx, seededRandom(seed, 'conveyor'));
  }

  /** Fills the picture with the empty belt. `noiseStart` is where this frame begins in the noise table. */
  draw(picture: Picture, encoderMm: number, light: LineLight, noise: Int8Array, noiseStart: number): void {
    const { width, height, data, left, top } = picture;
    const period = this.#periodPx;
    const shift = Math.floor(encoderMm / this.#geometry.mmPerPx);
    const start = (((left - shift) % period) + period) % period;
    const across = vignetteAlong(light, this.#geometry.frameWidthPx, left, width);
    const down = vignetteAlong(light, this.#geometry.frameHeightPx, top, height);
    // The camera's curve turns a factor in light into its root in grey levels.
    const [red, green, blue] = light.gain.map((gain) => Math.round(256 * gain ** (1 / 2.1))) as [
      number,
      number,
      number,
    ];
    const strip = this.#strip;
    const factors = Int32Array.from(across, (factor) => Math.round(factor * 256));
    let at = 0;
    for (let y = 0; y < height; y++) {
      let n = noiseAt(noiseStart, 0, y);
      const line = (top + y) * period;
      const rowFactor = Math.round(down[y]! * 64);
      let x = start;
      for (let k = 0; k < width; k++, at += 3) {
        const grey = (strip[line + x]! * factors[k]! * rowFactor) >> 8;
        if (++x === period) x = 0;
        n = (n + 4) & (noiseLength - 4);
        data[at] = ((grey * red) >> 14) + noise[n]! + floorGrey;
        data[at + 1] = ((grey * green) >> 14) + noise[n + 1]! + floorGrey;
        data[at + 2] = ((grey * blue) >> 14) + noise[n + 2]! + floorGrey;
      }
    }
  }
}

/** Brightness factors along one axis of the frame for a window of it. */
export function vignetteAlong(
  light: LineLight,
  frameSizePx: number,
  from: number,
  count: number,
): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => {
    const offCentre = (2 * (from + i + 0.5)) / frameSizePx - 1;
    return 1 - light.vignette * offCentre * offCentre;
  });
}

function paintStrip(geometry: LineGeometry, periodPx: number, pitchPx: number, random: Random): Uint8Array {
  const height = geometry.frameHeightPx;
  const strip = new Uint8Array(height * periodPx);
  const rollers = periodPx / pitchPx;
  const tones = Float32Array.from({ length: rollers }, () => randomBetween(random, 0.85, 1.12));
  const dirt = new NoiseVolume(random);
  const laneHeight = laneHeightPx(geometry);
  for (let y = 0; y < height; y++) {
    const inLane = ((y + 0.5) % laneHeight) / laneHeight;
    const fromCentre = Math.abs(2 * inLane - 1);
    for (let x = 0; x < periodPx; x++) {
      const grey =
        fromCentre > 0.93 ? chainGrey(x, fromCentre, pitchPx) : rollerGrey(x, fromCentre, pitchPx, tones);
      const scuff =
        dirt.at((x * 32) / periodPx, y * 0.06, 3) + 0.6 * dirt.at((x * 128) / periodPx, y * 0.21, 9);
      strip[y * periodPx + x] = Math.min(110, Math.max(4, grey * (1 + 0.13 * scuff) + 1.5 * scuff));
    }
  }
  return strip;
}

/** A cylinder lit from above, thinner in the middle of its lane, with a dark gap to the next. */
function rollerGrey(x: number, fromCentre: number, pitchPx: number, tones: Float32Array): number {
  const roller = Math.floor(x / pitchPx);
  const u = (2 * ((x + 0.5) % pitchPx)) / pitchPx - 1;
  const halfWidth = 0.74 + 0.2 * fromCentre * fromCentre;
  const v = Math.abs(u) / halfWidth;
  if (v >= 1) return 7;
  const lit = Math.sqrt(1 - v * v);
  const glint = Math.exp(-(((u + 0.12) / 0.1) ** 2));
  return tones[roller]! * (12 + 36 * lit + 14 * glint * (0.6 + 0.4 * fromCentre));
}

/** Links of the chain between the lanes. */
function chainGrey(x: number, fromCentre: number, pitchPx: number): number {
  const u = ((2 * x) / pitchPx) % 1;
  const isPin = Math.abs(u - 0.5) < 0.12;
  return (fromCentre > 0.97 ? 58 : 34) + (isPin ? 26 : 0) - (u < 0.06 ? 26 : 0);
}
