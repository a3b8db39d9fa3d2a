import { expect, test } from 'vitest';
import { datasetOf } from './dataset.ts';
import { knownOf } from './known-of.ts';

test('takes variety, station, lot and day from what the dataset says of an image, and the group for a session of photographs', () => {
  const image = { digest: 'a', grade: 'good', group: 'g', split: 'test', source: 's' };
  const about = { variety: 'gala', station: 'left', capturedAt: '2026-10-14T10:00:00.000Z', lot: '7' };
  const { images } = datasetOf(
    {
      ...{ name: 'n', digest: 'd', labels: ['good', 'bad'], inputSize: 1, viewsPerFruit: 1 },
      images: [{ ...image, about }, image, { ...image, about: { capturedAt: about.capturedAt } }],
    },
    new Uint8Array(9),
  );
  expect(knownOf(images[0]!, 4)).toEqual({
    variety: 'gala',
    station: 'left',
    session: 'left 2026-10-14',
    lot: '7',
  });
  expect(knownOf(images[0]!, 1)).toEqual({ variety: 'gala', station: 'left', lot: '7' });
  expect(knownOf(images[1]!, 4)).toEqual({});
  expect(knownOf(images[2]!, 4)).toEqual({ session: 'unknown station 2026-10-14' });
});
