import { describe, expect, it } from 'vitest';
import type { DatasetFile } from './dataset.ts';
import { freezeDataset, type UnsplitImage } from './dataset-freeze.ts';
import { diffDatasets } from './diff-datasets.ts';
import { exportColumns, exportRow } from './export-dataset.ts';

const at = '2026-10-03T14:05:00.000Z';
const image = (
  i: number,
  grade = i % 2 ? 'good' : 'bad',
  more: Partial<UnsplitImage> = {},
): UnsplitImage => ({
  ...{ digest: i.toString(16).padStart(64, '0'), grade, group: `g${i}`, source: `${i}.jpg` },
  ...more,
});

function version(images: readonly UnsplitImage[]): DatasetFile {
  return freezeDataset({
    ...{ name: 'apples', source: 'test', labels: ['good', 'bad'], inputSize: 16, images, seed: 1 },
    ...{ quarantined: [], leftOut: new Map(), notes: [], createdAtMs: 0 },
  });
}

describe('two dataset versions', () => {
  it('differ in what came, went, changed its grade, its group and its split', () => {
    const before = version([1, 2, 3, 4, 5, 6, 7, 8].map((i) => image(i)));
    const after = version([
      ...[1, 2, 3, 4, 5].map((i) => image(i)),
      image(6, 'good', { source: 'renamed.jpg' }),
      image(7, 'good', { group: 'g1' }),
      image(9),
    ]);
    const diff = diffDatasets(before, after);
    expect(diff.images).toEqual({ from: 8, to: 8 });
    expect(diff.added.map(({ path }) => path)).toEqual(['9.jpg']);
    expect(diff.removed.map(({ path }) => path)).toEqual(['8.jpg']);
    expect(diff.regraded).toMatchObject([{ path: 'renamed.jpg', from: 'bad', to: 'good' }]);
    expect(diff.regrouped).toMatchObject([{ path: '7.jpg', from: 'g7', to: 'g1' }]);
    const splitIn = (file: DatasetFile, i: number) =>
      file.images.find(({ digest }) => digest === image(i).digest)!.split;
    const moved = [1, 2, 3, 4, 5, 6, 7].filter((i) => splitIn(before, i) !== splitIn(after, i));
    expect(diff.moved.map(({ digest }) => Number.parseInt(digest, 16))).toEqual(moved);
    const same = diffDatasets(before, before);
    for (const list of [same.added, same.removed, same.regraded, same.moved, same.regrouped])
      expect(list).toEqual([]);
  });
});

describe('an exported row', () => {
  it('has all that is kept of an image, and nothing where nobody said', () => {
    const about = {
      source: 'line camera',
      station: 'north',
      line: 'farm/two',
      variety: 'Elstar',
      block: 'B',
      lot: 'L7',
      capturedAt: at,
    };
    const accepted = { by: 'anna', at, why: 'dusk', reason: 'too dark' };
    const labelled = { by: 'ben', at };
    const full = exportRow({
      ...image(1, 'good', { about, accepted, labelled, original: 'f'.repeat(64) }),
      split: 'test',
      viewGrade: 'bad',
    });
    expect(Object.keys(full)).toEqual(exportColumns);
    expect(Object.values(full)).not.toContain('');
    expect(full).toMatchObject({
      path: '1.jpg',
      source: 'line camera',
      captured_at: at,
      accepted_why: 'dusk',
    });
    expect(exportRow({ ...image(1), split: 'train' })).toMatchObject({
      variety: '',
      labelled_by: '',
      original: '',
    });
  });
});
