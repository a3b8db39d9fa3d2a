import { seededRandom } from '@pomona/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hammingDistance } from './difference-hash.ts';
import { DisjointSets } from './disjoint-sets.ts';
import { correlationOf, findTwins, type Look, lookOf } from './near-duplicates.ts';

const size = 96;
const limits = { maxTwinBits: 8, minTwinCorrelation: 0.75 };
const search = { breathe: async () => {} };

interface Skin {
  readonly spots?: number;
  readonly brightness?: number;
  readonly noise?: number;
}

/** A shaded disc with spots that its seed places. */
function cutOut(seed: number, { spots = 30, brightness = 1, noise = 0 }: Skin = {}): Uint8Array {
  const random = seededRandom(seed, 'spots');
  const places = Array.from({ length: spots }, () => [
    random.next() * size,
    random.next() * size,
    3 + random.next() * 4,
  ]);
  const grain = seededRandom(seed + 1_000, 'grain');
  const crop = new Uint8Array(size * size * 3);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      if (Math.hypot(x - 48, y - 48) > 44) continue;
      const isSpot = places.some(([cx, cy, r]) => Math.hypot(x - cx!, y - cy!) < r!);
      const luma = (isSpot ? 60 : 150 - 0.5 * x - 0.3 * y) * brightness + noise * (grain.next() - 0.5);
      crop.fill(Math.max(1, Math.min(255, luma)), (y * size + x) * 3, (y * size + x) * 3 + 3);
    }
  }
  return crop;
}

/** `side` × `side` of it, each the mean of the pixels that it stands for. */
function shrunk(crop: Uint8Array, side: number): Uint8Array {
  const by = size / side;
  return new Uint8Array(side * side * 3).map((_, at) => {
    const [x, y, channel] = [Math.floor(at / 3) % side, Math.floor(at / 3 / side), at % 3];
    let sum = 0;
    for (let dy = 0; dy < by; dy++)
      for (let dx = 0; dx < by; dx++) sum += crop[((y * by + dy) * size + x * by + dx) * 3 + channel]!;
    return sum / by ** 2;
  });
}

const graded = (look: Look, grade = 'good') => ({ ...look, grade });

describe('near duplicates', () => {
  it('are copies with other light and noise, and not another fruit', () => {
    const look = lookOf(cutOut(1), size);
    expect(correlationOf(look, lookOf(cutOut(1, { brightness: 1.15, noise: 12 }), size))).toBeGreaterThan(
      0.9,
    );
    for (let other = 2; other < 12; other++)
      expect(correlationOf(look, lookOf(cutOut(other), size))).toBeLessThan(0.6);
  });

  it('are found in crops that have fewer pixels than a look has cells', () => {
    const look = (seed: number, noise = 0) => lookOf(shrunk(cutOut(seed, { noise }), 16), 16);
    expect(correlationOf(look(1), look(1, 12))).toBeGreaterThan(0.9);
    for (let other = 2; other < 12; other++) expect(correlationOf(look(1), look(other))).toBeLessThan(0.6);
  });

  it('are not claimed of skins without detail', async () => {
    const [a, b] = [1, 2].map((seed) => lookOf(cutOut(seed, { spots: 0, noise: 3 }), size)) as [Look, Look];
    expect(hammingDistance(a.hash, b.hash)).toBeLessThanOrEqual(limits.maxTwinBits);
    expect(correlationOf(a, b)).toBe(0);
    expect(await findTwins([graded(a), graded(b)], limits, search)).toEqual({ links: [], conflicts: [] });
  });

  it('of two grades are a conflict, of each of them', async () => {
    const looks = [1, 2, 1, 1].map((seed, i) => lookOf(cutOut(seed, { noise: i }), size));
    const twins = await findTwins(
      looks.map((look, i) => graded(look, i === 2 ? 'bad' : 'good')),
      limits,
      search,
    );
    const sets = new DisjointSets(4);
    for (const [a, b] of twins.links) sets.join(a, b);
    expect([0, 1, 2, 3].map((at) => sets.rootOf(at))).toEqual([0, 1, 0, 0]);
    expect([...new Set(twins.conflicts.flat())].sort()).toEqual([0, 2, 3]);
  });

  it('are found as by comparing each with each, however many bits may differ', async () => {
    const detail = new Float32Array(1024).fill(1 / 32);
    const word = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
    const flips = fc.array(fc.integer({ min: 0, max: 63 }), { maxLength: 14 });
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(word, word),
        fc.array(flips, { minLength: 2, maxLength: 20 }),
        fc.integer({ min: 0, max: 12 }),
        fc.oneof(fc.constant(0), fc.nat(19)),
        async (base, changes, maxTwinBits, from) => {
          const images = changes.map((bits) => {
            const hash: [number, number] = [...base];
            for (const bit of bits) hash[bit >> 5]! ^= 1 << (bit & 31);
            return { hash, detail, grade: 'good' };
          });
          const sets = new DisjointSets(images.length);
          const all = new DisjointSets(images.length);
          const { links } = await findTwins(images, { ...limits, maxTwinBits }, { ...search, from });
          for (const [a, b] of links) sets.join(a, b);
          images.forEach((one, a) => {
            images.forEach((other, b) => {
              if (Math.max(a, b) < from) return;
              if (hammingDistance(one.hash, other.hash) <= maxTwinBits) all.join(a, b);
            });
          });
          const roots = (of: DisjointSets) => images.map((_, at) => of.rootOf(at));
          expect(roots(sets)).toEqual(roots(all));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('give others a turn while many are compared', async () => {
    const detail = new Float32Array(1);
    const images = Array.from({ length: 1_000 }, () => ({ hash: [0, 0] as const, detail, grade: 'good' }));
    let breaths = 0;
    const breathe = async () => {
      breaths++;
    };
    await findTwins(images, { ...limits, maxTwinBits: 0 }, { breathe });
    // Half a million pairs; one breath for each image would be 1,000.
    expect(breaths).toBeGreaterThan(100);
    breaths = 0;
    await findTwins(images, { ...limits, maxTwinBits: 0 }, { breathe, from: 999 });
    expect(breaths).toBeLessThan(20);
  });
});
