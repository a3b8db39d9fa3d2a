import { digestOf } from '@pomona/release';
import { seededRandom } from '@pomona/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addAccepted } from './add-accepted.ts';
import { type DatasetImage, datasetDigestOf, splits } from './dataset.ts';
import { freezeDataset } from './dataset-freeze.ts';
import { DisjointSets } from './disjoint-sets.ts';

const size = 32;
const labels = ['good', 'bad'];
const at = '2026-10-03T14:05:00.000Z';
const accepting = { nowMs: 0, breathe: async () => {} };

interface Picture {
  readonly group: string;
  readonly grade: string;
  /** Pictures of one look are the same but for a little light. */
  readonly look: number;
}

const crops = Array.from({ length: 12 }, (_, look) => {
  const random = seededRandom(look, 'look');
  const crop = new Uint8Array(size * size * 3);
  for (let pixel = 0; pixel < size * size; pixel++)
    crop.fill(40 + Math.floor(random.next() * 160), pixel * 3, pixel * 3 + 3);
  return crop;
});

/** The same picture of another digest for each `place`. */
function cropOf({ look }: Picture, place: number): Uint8Array {
  const crop = new Uint8Array(crops[look]!);
  crop[0] = 1 + place;
  return crop;
}

function imageOf(picture: Picture, place: number) {
  const { group, grade } = picture;
  return { group, grade, source: `${place}.jpg`, digest: digestOf(cropOf(picture, place)) };
}

function freeze(pictures: readonly Picture[], seed: number) {
  return freezeDataset({
    ...{ name: 'apples', source: 'test', labels, inputSize: size, seed, createdAtMs: 0 },
    ...{ quarantined: [], leftOut: new Map(), notes: [] },
    images: pictures.map(imageOf),
    looks: pictures.map(({ look }) => look),
  });
}

function accept(base: ReturnType<typeof freeze>, old: readonly Picture[], added: readonly Picture[]) {
  return addAccepted(
    base,
    Buffer.concat(old.map(cropOf)),
    added.map((picture, i) => ({
      ...imageOf(picture, old.length + i),
      crop: cropOf(picture, old.length + i),
      accepted: { by: 'anna', at, why: 'test', reason: 'test' },
    })),
    accepting,
  );
}

/** Of each picture a number that it shares with what is connected to it by groups and looks. */
function connected(pictures: readonly Picture[]): number[] {
  const sets = new DisjointSets(pictures.length);
  pictures.forEach((one, a) => {
    pictures.forEach((other, b) => {
      if (one.group === other.group || one.look === other.look) sets.join(a, b);
    });
  });
  return pictures.map((_, place) => sets.rootOf(place));
}

const splitsOf = (images: readonly DatasetImage[]) => images.map(({ split }) => split);

describe('accepting photographs', () => {
  const groups = fc.integer({ min: 0, max: 9 }).map((i) => `g${i}`);
  const picture = (looksMax: number) =>
    fc.record({ group: groups, grade: fc.constantFrom(...labels), look: fc.nat(looksMax) });

  it('lets nothing that is connected by a group or a look cross a split, and moves nothing', async () => {
    await fc.assert(
      fc.asyncProperty(
        // Only some looks are there before, so that some sets are all new.
        fc.array(picture(5), { minLength: 2, maxLength: 12 }),
        fc.array(picture(11), { minLength: 1, maxLength: 10 }),
        fc.nat(100),
        async (old, added, seed) => {
          fc.pre(labels.every((label) => old.some(({ grade }) => grade === label)));
          const base = freeze(old, seed);
          const file = await accept(base, old, added);
          expect(file.images.slice(0, old.length)).toEqual(base.images);
          expect(file.digest).toBe(datasetDigestOf(file));
          const sets = connected([...old, ...added]);
          const found = splitsOf(file.images);
          for (const set of new Set(sets)) {
            const places = sets.flatMap((each, place) => (each === set ? [place] : []));
            const before = new Set(places.filter((place) => place < old.length).map((place) => found[place]));
            const all = new Set(places.map((place) => found[place]));
            // What is new may connect what was apart: that stays where it is, and the new is with some of it.
            expect(all).toEqual(before.size === 0 ? new Set([found[places[0]!]]) : before);
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it('splits near duplicates that are accepted together as one', async () => {
    const old = [0, 1].map((i) => ({ group: `old${i}`, grade: labels[i]!, look: i }));
    const twins = Array.from({ length: 10 }, (_, i) => ({
      group: `new${i}`,
      grade: 'good',
      look: 2 + (i % 5),
    }));
    const file = await accept(freeze(old, 1), old, twins);
    const found = splitsOf(file.images.slice(2));
    expect(found.slice(0, 5)).toEqual(found.slice(5));
    expect(new Set(found)).toEqual(new Set(splits));
  });
});
