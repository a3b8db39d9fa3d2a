import { describe, expect, it } from 'vitest';
import type { Frame } from './frame.ts';
import { type FruitBlob, outlineRays } from './fruit-blob.ts';
import { LineBackground } from './line-background.ts';
import { defaultLineGeometry as geometry } from './line-geometry.ts';
import { locateFruit } from './locate-fruit.ts';

const { frameWidthPx: width, frameHeightPx: height } = geometry;
const learnFrames = 24;

type Rgb = readonly [red: number, green: number, blue: number];
const skin: Rgb = [190, 50, 40];

const greyBelt: Rgb = [38, 38, 38];

/** `crests`: by what share rollers are brighter in their middle, and darker between, than the belt's mean. */
function emptyBelt(seq: number, belt = greyBelt, crests = 0): Frame {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < data.length; i++) {
    const x = Math.floor(i / 3) % width;
    const lit = crests === 0 ? 1 : 1 + crests * Math.sin((2 * Math.PI * (x - 33 * seq)) / 47);
    data[i] = belt[i % 3]! * lit + ((i * 7 + seq * 13) % 5);
  }
  return { width, height, data, seq, capturedAtMs: 80 * seq, encoderMm: 30 * seq };
}

/** A belt that was seen empty for a while, and then the discs, between whose parts it shows in the bands. */
function locate(
  discs: readonly (readonly [x: number, y: number, radius: number])[],
  bands: readonly [number, number][] = [],
) {
  const background = new LineBackground(width, height);
  for (let seq = 0; seq < learnFrames; seq++) locateFruit(emptyBelt(seq), background, geometry);
  const frame = emptyBelt(learnFrames);
  for (const [cx, cy, radius] of discs)
    for (let y = Math.max(0, cy - radius); y < Math.min(height, cy + radius); y++)
      for (let x = Math.max(0, cx - radius); x < Math.min(width, cx + radius); x++) {
        const isHidden = bands.some(([from, to]) => x >= from && x < to);
        if (Math.hypot(x - cx, y - cy) < radius && !isHidden) frame.data.set(skin, 3 * (y * width + x));
      }
  return locateFruit(frame, background, geometry).map(({ xPx, radiusXPx, touchesEdge }) => ({
    ...{ x: Math.round(xPx), radius: Math.round(radiusXPx), touchesEdge },
  }));
}

type Spot = (belt: Rgb) => Rgb;

interface Scene {
  readonly belt?: Rgb;
  readonly crests?: number;
  /** Pixels. */
  readonly spotRadius?: number;
}

/** How much of the way to its rim the outline of a fruit goes where a spot lies on it, in the mean over the spot's rays: the farthest of some frames. */
function reachAtSpot(spot: Spot, { belt = greyBelt, crests = 0, spotRadius = 10 }: Scene = {}): number {
  const [cx, cy, radius] = [300, 80, 40];
  const background = new LineBackground(width, height);
  for (let seq = 0; seq < learnFrames; seq++) locateFruit(emptyBelt(seq, belt, crests), background, geometry);
  const reaches = Array.from({ length: crests === 0 ? 1 : 6 }, (_, n) => {
    const frame = emptyBelt(learnFrames + n, belt, crests);
    for (let y = 0; y < height; y++)
      for (let x = cx - radius; x < cx + radius; x++) {
        if (Math.hypot(x + 0.5 - cx, y + 0.5 - cy) > radius) continue;
        const isSpot = Math.hypot(x + 0.5 - (cx + radius), y + 0.5 - cy) < spotRadius;
        const at = 3 * (y * width + x);
        const seen = frame.data.subarray(at, at + 3) as unknown as Rgb;
        // Noise of each channel's own.
        const noisy = (grey: number, c: number) => grey + ((x * 7 + y * 3 + c * 11) % 5) - 2;
        frame.data.set(isSpot ? spot(seen).map(noisy) : skin, at);
      }
    const [{ outlinePx }] = locateFruit(frame, background, geometry) as readonly [FruitBlob];
    const rays = [-1, 0, 1].map((ray) => outlinePx[(ray + outlineRays) % outlineRays]!);
    return rays.reduce((sum, reach) => sum + reach, 0) / rays.length / radius;
  });
  return Math.max(...reaches);
}

describe('the outline of a fruit', () => {
  const blueBelt: Rgb = [20, 40, 90];
  const brownBelt: Rgb = [90, 60, 45];
  const shadowed =
    (light: number): Spot =>
    ([red, green, blue]) => [red * light, green * light, blue * light];

  it('goes around black rot at its rim, which is as dark as the belt', () => {
    expect(reachAtSpot(() => skin)).toBeGreaterThan(0.97);
    for (const belt of [greyBelt, blueBelt])
      for (const spotRadius of [5, 7, 10])
        expect(reachAtSpot(() => [40, 23, 28], { belt, spotRadius })).toBeGreaterThan(0.94);
  });

  it('leaves out a bite through which the belt is seen, in shadow as in light', () => {
    for (const belt of [greyBelt, blueBelt, brownBelt])
      for (const crests of [0, 0.2, 0.4])
        for (const light of [1, 0.4])
          expect(reachAtSpot(shadowed(light), { belt, crests })).toBeLessThan(0.85);
  });

  it('leaves it out where the fruit throws some of its red on it', () => {
    const reddened: Spot = ([red, green, blue]) => [red + 4, green, blue];
    expect(reachAtSpot(reddened)).toBeLessThan(0.85);
  });
});

describe('locating fruit', () => {
  it('joins the parts of one fruit that a dark band cuts', () => {
    const found = locate([[300, 80, 40]], [[290, 300]]);
    expect(found).toMatchObject([{ radius: 40, touchesEdge: false }]);
    expect(Math.abs(found[0]!.x - 300)).toBeLessThanOrEqual(1);
  });

  it('takes no fruit that is just coming into view for a part of the one before it', () => {
    const found = locate([
      [-20, 80, 38],
      [75, 80, 38],
    ]);
    expect(found.map(({ touchesEdge }) => touchesEdge)).toEqual([true, false]);
    expect(Math.abs(found[1]!.x - 75)).toBeLessThanOrEqual(1);
  });

  it('leaves what a dark cavity cuts off a fruit that is coming into view with that fruit', () => {
    const found = locate(
      [
        [12, 80, 38],
        [116, 80, 38],
      ],
      [[28, 36]],
    );
    expect(found.map(({ touchesEdge }) => touchesEdge)).toEqual([true, false]);
    expect(Math.abs(found[1]!.x - 116)).toBeLessThanOrEqual(1);
    expect(Math.abs(found[1]!.radius - 38)).toBeLessThanOrEqual(1);
  });
});
