import { seededRandom } from '@pomona/wire';
import { expect, it } from 'vitest';
import type { DatasetImage } from './dataset.ts';
import { permutationImportance } from './permutation-importance.ts';

/** Groups of ten alike images, each group of one grade, a quarter of the groups outside the train split. */
function images(groups: number): DatasetImage[] {
  return Array.from({ length: groups * 10 }, (_, i) => {
    const group = Math.floor(i / 10);
    const split = group % 4 === 3 ? 'test' : 'train';
    return { group: `g${group}`, grade: group % 3 ? 'good' : 'bad', split } as DatasetImage;
  });
}

const random = seededRandom(5, 'importance test');
const telling = (all: readonly DatasetImage[]) =>
  all.map(({ grade }) => (grade === 'bad' ? 1 : 0) + random.next() * 0.8);
const noise = (all: readonly DatasetImage[]) => all.map(() => random.next());
const positions = (all: readonly DatasetImage[]) => all.map((_, at) => at);

it('marks what tells nothing, and not what the grades are told by', () => {
  const all = images(60);
  const columns = [telling(all), noise(all), all.map(() => 7)];
  const found = permutationImportance(all, columns, positions(all));
  expect(found).toMatchObject({ known: 450, judged: 150, groups: 15, drawnBy: 'group', repeats: 20 });
  const [grade, chance, constant] = found.features;
  expect(grade!.isIdle).toBe(false);
  expect(grade!.low).toBeLessThan(grade!.mean);
  expect(grade!.high).toBeGreaterThan(grade!.mean);
  expect(chance!.isIdle).toBe(true);
  expect(constant).toEqual({ mean: 0, low: 0, high: 0, isIdle: true });
  // The same again, whatever was asked before.
  expect(permutationImportance(all, columns, positions(all))).toEqual(found);
});

it('calls nothing of no use by fewer than a hundred images', () => {
  const all = images(36);
  const found = permutationImportance(all, [telling(all), all.map(() => 7)], positions(all));
  expect(found.judged).toBe(90);
  expect(found.features.map(({ isIdle }) => isIdle)).toEqual([false, false]);
});

it('is less sure where few groups of many images were judged than where each image is a group', () => {
  const all = images(60);
  const alone = all.map((image, at) => ({ ...image, group: `${at}` }));
  // Told by the group: what is lost is lost by whole groups.
  const byGroup = all.map(
    ({ group, grade }) => (grade === 'bad' ? 0.5 : 0) + (Number(group.slice(1)) % 7) / 10,
  );
  const columns = [byGroup, noise(all)];
  const widthOf = (some: readonly DatasetImage[]) => {
    const { low, high, isIdle } = permutationImportance(some, columns, positions(all)).features[0]!;
    // Much may be lost without it, wherever the interval begins.
    expect([high > 0.01, isIdle]).toEqual([true, false]);
    return high - low;
  };
  expect(widthOf(all)).toBeGreaterThan(widthOf(alone));
});

it('says nothing of features where no image is outside the train split', () => {
  const all = images(3);
  expect(permutationImportance(all, [noise(all)], positions(all))).toMatchObject({ judged: 0, features: [] });
});
