import type { DatasetView } from '@pomona/wire';
import { expect, it } from 'vitest';
import { describeDataset } from './describe-dataset.ts';

const view: DatasetView = {
  ...{ name: 'phone', digest: 'd'.repeat(64), createdAt: '2026-11-24T08:00:00.000Z', source: 'photographs' },
  ...{ labels: ['bad', 'good'], inputSize: 64, images: 60, groups: 60, viewsPerFruit: 1 },
  ...{ byGrade: [{ grade: 'good', count: 60 }], bySplit: [], quarantined: [], leftOut: [] },
};

it('says what a person should know of a dataset, and nothing where nothing was kept', () => {
  const notes = ['no group is known', 'ok is not in test'];
  expect(describeDataset({ ...view, notes })).toContain(
    'note         no group is known\nnote         ok is not in test\n',
  );
  expect(describeDataset(view)).not.toContain('note');
  expect(describeDataset(view)).not.toContain('kept split');
  expect(describeDataset({ ...view, keptSplit: '9 of 9 groups' })).toContain(
    '\nkept split   9 of 9 groups\n',
  );
});
