import { type Random, randomBetween, randomInt, randomNormal, seededRandom } from '@pomona/wire';
import { describe, expect, it } from 'vitest';
import type { Detection } from './detection.ts';
import { TravelCheck } from './travel-check.ts';

const viewMm = 576;

interface Film {
  readonly framesPerS?: number;
  /** From one fruit of a lane to the next. */
  readonly pitchMm?: (random: Random) => number;
  readonly lanes?: number;
  /** Where the belt is in truth, and where it is said to be, by the time in seconds. */
  readonly truth?: (s: number) => number;
  readonly said?: (s: number) => number;
  /** Where a fruit is beside its pocket. */
  readonly slipMm?: (fruit: number, s: number) => number;
  /** What stands before the camera whatever the belt does. */
  readonly standing?: readonly Detection[];
  readonly fruits?: number;
  readonly hasEncoder?: boolean;
}

const beltMmPerS = 500;
const touching = (random: Random): number => randomBetween(random, 68, 82);
const apart = (random: Random): number => randomBetween(random, 110, 200);

/** Seconds at which the travel was held for wrong, of `seconds`. */
function wrongAt(seed: number, seconds: number, film: Film): { s: number[]; ratio: number | undefined } {
  const {
    framesPerS = 12,
    pitchMm = apart,
    lanes = 2,
    standing = [],
    fruits = 10_000,
    hasEncoder = false,
  } = film;
  const { truth = (s) => beltMmPerS * s, said = truth, slipMm = () => 0 } = film;
  const random = seededRandom(seed);
  const belt: { lane: number; originMm: number; diameterMm: number }[] = [];
  for (let lane = 0; lane < lanes; lane++) {
    // There from the start, and as far back as the belt comes.
    for (let x = viewMm, n = 0; x > -2 * beltMmPerS * seconds && n < fruits; x -= pitchMm(random), n++)
      belt.push({ lane, originMm: x, diameterMm: randomBetween(random, 62, 76) });
  }
  const check = new TravelCheck({ viewMm, diameterMinMm: 60, hasEncoder });
  const wrong: number[] = [];
  for (let frame = 0; frame < seconds * framesPerS; frame++) {
    const s = frame / framesPerS;
    const atMm = truth(s);
    const detections = belt.flatMap(({ lane, originMm, diameterMm }, i): Detection[] => {
      const pocketMm = originMm + atMm + slipMm(i, s);
      if (pocketMm < -100 || pocketMm > viewMm + 100) return [];
      const xMm = pocketMm + 1.5 * randomNormal(random);
      const radius = diameterMm / 2;
      if (xMm < -radius || xMm > viewMm + radius || randomInt(random, 40) === 0) return [];
      const touchesEdge = xMm < radius || xMm > viewMm - radius;
      return [{ lane, xMm, lengthMm: diameterMm, widthMm: diameterMm, touchesEdge }];
    });
    check.see([...detections, ...standing], { encoderMm: said(s), capturedAtMs: s * 1_000 });
    if (frame % framesPerS !== framesPerS - 1) continue;
    check.look(s * 1_000);
    if (check.isWrong) wrong.push(Math.round(s));
  }
  return { s: wrong, ratio: check.ratio };
}

const speckAt = (xMm: number, lane: number): Detection => {
  return { lane, xMm, lengthMm: 64, widthMm: 60, touchesEdge: false };
};
const beltAt = (share: number) => (s: number) => beltMmPerS * (s < 10 ? s : 10 + share * (s - 10));

describe('whether fruit moves in the picture as the belt is said to', () => {
  it.each([
    ['that stands', 0],
    ['that counts backward', -1],
    ['that loses pulses', 0.6],
    ['of too many millimetres to a pulse', 1.25],
    ['of too few', 0.8],
    ['of twice the millimetres', 2],
  ])('is told to be wrong within five seconds of an encoder %s, and to be over', (_, share) => {
    for (const pitchMm of [touching, apart])
      for (const framesPerS of [12, 30]) {
        const said = (s: number) => (s < 20 ? beltAt(share)(s) : beltAt(share)(20) + beltMmPerS * (s - 20));
        for (let seed = 1; seed <= 3; seed++) {
          const { s } = wrongAt(seed, 30, { said, pitchMm, framesPerS });
          expect(s[0], `seed ${seed}`).toBeGreaterThan(10);
          expect(s[0], `seed ${seed}`).toBeLessThanOrEqual(15);
          expect(s.at(-1), `seed ${seed}`).toBeGreaterThanOrEqual(20);
          expect(s.at(-1), `seed ${seed}`).toBeLessThanOrEqual(25);
        }
      }
  });

  it('is told to be wrong within five seconds of an encoder that counts on while all fruit stands, and to be over', () => {
    const film = {
      hasEncoder: true,
      truth: (s: number) => beltMmPerS * (Math.min(s, 10) + Math.max(0, s - 20)),
    };
    for (const pitchMm of [touching, apart])
      for (const framesPerS of [12, 30])
        for (let seed = 1; seed <= 3; seed++) {
          const said = (s: number) => beltMmPerS * s;
          const { s } = wrongAt(seed, 30, { ...film, said, pitchMm, framesPerS });
          expect(s[0], `seed ${seed}`).toBeGreaterThan(10);
          expect(s[0], `seed ${seed}`).toBeLessThanOrEqual(15);
          expect(s.at(-1), `seed ${seed}`).toBeGreaterThanOrEqual(20);
          expect(s.at(-1), `seed ${seed}`).toBeLessThanOrEqual(25);
        }
  });

  it('says how far fruit moves as a share of what the belt is said to', () => {
    const { ratio } = wrongAt(3, 10, { said: (s) => 0.6 * beltMmPerS * s });
    expect(ratio).toBeGreaterThan(1.62);
    expect(ratio).toBeLessThan(1.72);
    expect(wrongAt(3, 10, { said: (s) => 1.1 * beltMmPerS * s })).toMatchObject({ s: [] });
  });

  const specks = { standing: [speckAt(200, 0), speckAt(330, 1)] };
  const hop = (s: number): number => beltMmPerS * (s < 6 ? 0 : s - 6);
  const stop = (s: number): number => beltMmPerS * Math.min(s, 6);
  it.each<[string, Film]>([
    ['an empty belt', { fruits: 0 }],
    ['an empty belt with an encoder', { fruits: 0, hasEncoder: true }],
    ['a belt with an encoder that starts late', { truth: hop, hasEncoder: true }],
    ['one that stops', { truth: stop, said: (s) => stop(s - 0.06), hasEncoder: true }],
    ['specks on an empty belt with an encoder', { ...specks, fruits: 0, hasEncoder: true }],
    ['specks among fruit with an encoder, and after it', { ...specks, fruits: 40, hasEncoder: true }],
    ['two fruits that are held while others pass', { ...specks, hasEncoder: true }],
    ['a belt that stands with fruit on it', { truth: () => 300 }],
    ['a belt that stands and is said to run by the time', { truth: () => 300, said: (s) => beltMmPerS * s }],
    ['a belt that starts late', { truth: hop }],
    ['a belt that starts late, its encoder read by 30 ms late', { truth: hop, said: (s) => hop(s - 0.03) }],
    ['a belt that stops', { truth: stop }],
    ['a belt that is said to stop slowly by the time', { said: (s) => beltMmPerS * s, truth: slowStop }],
    ['an encoder that began anew', { said: (s) => (s < 8 ? 0 : -20_000) + beltMmPerS * s }],
    ['every third fruit slipping by half', { slipMm: (i, s) => (i % 3 === 0 ? -0.5 * beltMmPerS * s : 0) }],
    ['fruit that rolls to and fro', { slipMm: (i, s) => 12 * Math.sin(4 * s + i) }],
    ['one fruit that never moves', { fruits: 0, standing: [speckAt(200, 0)] }],
    ['specks on the window of an empty belt', { fruits: 0, standing: [speckAt(200, 0), speckAt(330, 1)] }],
    ['specks among fruit', { standing: [speckAt(200, 0), speckAt(330, 1)] }],
    ['a single fruit that slips all the way', { fruits: 1, lanes: 1, slipMm: (_, s) => -450 * s }],
  ])('tells nothing of %s', (_, film) => {
    for (const pitchMm of [touching, apart])
      for (const framesPerS of [12, 30])
        for (let seed = 1; seed <= 3; seed++)
          expect(wrongAt(seed, 20, { pitchMm, framesPerS, ...film }).s, `seed ${seed}`).toEqual([]);
  });

  it('forgets a travel that was wrong when nothing has been seen for half a minute', () => {
    const check = new TravelCheck({ viewMm, diameterMinMm: 60 });
    const fruit = (s: number) => [0, 150, 300].map((x) => speckAt(80 + ((x + 500 * s) % 400), 0));
    for (let frame = 0; frame < 60; frame++) {
      check.see(fruit(frame / 12), { encoderMm: 0, capturedAtMs: (frame * 1_000) / 12 });
      if (frame % 12 === 11) check.look((frame * 1_000) / 12);
    }
    expect(check.isWrong).toBe(true);
    expect(check.ratio).toBe(Number.POSITIVE_INFINITY);
    for (let s = 6; s < 34; s++) {
      check.see([], { encoderMm: 0, capturedAtMs: s * 1_000 });
      check.look(s * 1_000);
    }
    expect(check.isWrong).toBe(true);
    check.look(40_000);
    expect([check.isWrong, check.ratio]).toEqual([false, undefined]);
  });
});

/** From full speed to nothing in two seconds. */
function slowStop(s: number): number {
  const t = Math.min(2, Math.max(0, s - 6));
  return beltMmPerS * (Math.min(s, 6) + t - (t * t) / 4);
}
