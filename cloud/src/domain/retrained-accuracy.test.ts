import { expect, it } from 'vitest';
import { retrainedAccuracy } from './retrained-accuracy.ts';

it('counts old and labelled fruit apart, as fruit or as photographs', () => {
  const fruit = [
    { group: 'base', images: 90, accuracy: 0.9 },
    { group: 'samples', images: 10, accuracy: 0.6 },
  ];
  expect(retrainedAccuracy({ accuracy: 0.87, byGroup: fruit })).toEqual({ base: 0.9, samples: 0.6 });
  const photographs = [
    { group: 'tree-1', images: 3, accuracy: 1 },
    { group: 'tree-2', images: 1, accuracy: 0 },
    { group: 'sample/left/b00t/7', images: 2, accuracy: 0.5 },
  ];
  expect(retrainedAccuracy({ accuracy: 0.66, byGroup: photographs })).toEqual({ base: 0.75, samples: 0.5 });
});

it('says nothing of labelled fruit when none was tested', () => {
  expect(retrainedAccuracy({ accuracy: 0.8, byGroup: [] })).toEqual({ base: 0.8, samples: null });
});
