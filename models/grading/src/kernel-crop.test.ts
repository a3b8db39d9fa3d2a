import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cropOutline } from './kernel.ts';

const rays = 64;
const insetPx = 0.7;

/** Where another loop takes over, or one more column. */
const limits = [1, 1.25, 1.5, 5 / 3, 2, 2.5, 3, 4].flatMap((step) => [
  step * (1 - 2 ** -52),
  step,
  step * (1 + 2 ** -52),
]);

/** Crops of noise, of white and of what is black or white: steps from enlarging to shrinking by four, also beyond the frame's edge, outlines with bites. */
const drawn = fc.record({
  width: fc.integer({ min: 32, max: 160 }),
  height: fc.integer({ min: 32, max: 120 }),
  size: fc.oneof(fc.integer({ min: 4, max: 40 }), fc.constantFrom(8, 16, 24, 32)),
  step: fc.oneof(
    fc.constantFrom(...limits),
    fc.double({ min: 1, max: 2, noNaN: true }),
    fc.double({ min: 0.4, max: 4, noNaN: true }),
  ),
  picture: fc.constantFrom('noise', 'white', 'black or white'),
  at: fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
  seed: fc.integer(),
});

const nearFiveThirds = {
  ...{ width: 32, height: 32, size: 32, seed: 0 },
  ...{ step: 1.6666666666666663, picture: 'noise' as const, at: [0, 0] as [number, number] },
};

it('crops as one does by hand, to the last bit', () => {
  fc.assert(
    fc.property(drawn, ({ width, height, size, step, picture, at, seed }) => {
      const noise = (i: number) => (Math.imul(i + seed, 2_654_435_761) >>> 16) & 255;
      const pixel = {
        noise,
        white: () => 255,
        'black or white': (i: number) => (noise(i) % 3 === 0 ? 0 : 255),
      }[picture];
      const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => pixel(i));
      const [x, y] = [at[0] * width, at[1] * height];
      const radius = 0.46 * size * step;
      const outline = Float32Array.from({ length: rays }, (_, i) => radius * (0.8 + noise(7 * i) / 1275));
      const out = new Uint8Array(size * size * 3);
      const frame = { width, height, data, seq: 0, capturedAtMs: 0, encoderMm: 0 };
      cropOutline(frame, { xPx: x, yPx: y, outlinePx: outline }, { step }, size, out, 0);
      const left = x - (size / 2) * step;
      const top = y - (size / 2) * step;
      const taps = tapsOf(step);
      const across = weightsByHand(size, left, step, Math.max(4, (taps + 1) & ~1), width);
      const down = weightsByHand(size, top, step, taps, height);
      const spans = spansByHand({ size, x, y, left, top, step, outline });
      const expected = Uint8Array.from(out, (_, i) => {
        const [row, column, c] = [Math.floor(i / (3 * size)), Math.floor(i / 3) % size, i % 3];
        const [from, to] = spans[row]!;
        if (column < from || column >= to) return 0;
        return mean(across[column]!, (sx) => mean(down[row]!, (sy) => data[(sy * width + sx) * 3 + c]!));
      });
      expect(out).toEqual(expected);
    }),
    // Three pixels further is six of the frame here, by rounding.
    { numRuns: 400, examples: [[nearFiveThirds]] },
  );
});

interface Weights {
  readonly from: number;
  readonly of: readonly number[];
}

function mean({ from, of }: Weights, valueAt: (source: number) => number): number {
  return of.reduce((sum, weight, t) => sum + (weight === 0 ? 0 : weight * valueAt(from + t)), 128) >> 8;
}

/** A crop pixel that is little wider than one of the frame lies between two of them. */
function halfOf(step: number): number {
  return step < 1.25 ? 1 : step;
}

function tapsOf(step: number): number {
  return Math.ceil(2 * halfOf(step));
}

/** A triangle's share of each source, rounded so that they are 256 together; those beyond the frame go to its edge. */
function weightsByHand(size: number, start: number, step: number, taps: number, limit: number): Weights[] {
  const half = halfOf(step);
  return Array.from({ length: size }, (_, i) => {
    const centre = start + (i + 0.5) * step - 0.5;
    const wanted = Math.ceil(centre - half);
    const from = Math.min(Math.max(wanted, 0), limit - taps);
    const shares = Array.from({ length: taps }, (_, t) => Math.max(0, half - Math.abs(wanted + t - centre)));
    const total = shares.reduce((sum, share) => sum + share, 0);
    const of = new Array<number>(taps).fill(0);
    let upTo = 0;
    let given = 0;
    shares.forEach((share, t) => {
      upTo += share;
      const next = Math.floor(upTo * (256 / total) + 0.5);
      of[Math.min(Math.max(wanted + t - from, 0), taps - 1)]! += next - given;
      given = next;
    });
    return { from, of };
  });
}

interface Cut {
  readonly size: number;
  readonly x: number;
  readonly y: number;
  readonly left: number;
  readonly top: number;
  readonly step: number;
  readonly outline: Float32Array;
}

/** Per row the columns whose middles lie inside the outline around (x, y). Rounded where the kernel rounds. */
function spansByHand({ size, x, y, left, top, step, outline }: Cut) {
  const ends = Array.from(outline, (radius, i) => {
    const angle = (2 * Math.PI * i) / rays;
    const along = radius - insetPx;
    return [(x + along * Math.cos(angle) - left) / step, (y + along * Math.sin(angle) - top) / step] as const;
  });
  return Array.from({ length: size }, (_, row) => {
    const cuts: number[] = [];
    ends.forEach(([x1, y1], i) => {
      const [x0, y0] = ends.at(i - 1)!;
      const middle = row + 0.5;
      if (middle < Math.min(y0, y1) || middle > Math.max(y0, y1)) return;
      const slope = y0 === y1 ? 0 : (x1 - x0) / (y1 - y0);
      cuts.push(Math.fround(x0 + (middle - y0) * slope));
    });
    if (cuts.length === 0) return [size, size] as const;
    const from = Math.max(0, Math.ceil(Math.min(...cuts) - 0.5));
    return [from, Math.max(from, Math.min(size, Math.floor(Math.max(...cuts) - 0.5) + 1))] as const;
  });
}
