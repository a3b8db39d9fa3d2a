import { describe, expect, it } from 'vitest';
import { photographsOf } from './verify-dataset.ts';
import { acceptanceKey } from './verify-photographs.ts';

const digest = (of: string) => of.repeat(64);
const image = (source: string, original?: string) => ({
  ...{ digest: digest('0'), grade: 'good', group: source, split: 'train' as const, source },
  ...(original === undefined ? {} : { original }),
});

describe('the photographs of a version', () => {
  it('are those that were kept, each accepted as that version says', () => {
    const accepted = { by: 'anna', at: '2026-10-03T14:05:00.000Z', why: 'dusk', reason: 'too dark' };
    const old = {
      images: [image('a.jpg', digest('a')), image('drawn')],
      quarantined: [
        { path: 'dark.jpg', reason: 'too dark', original: digest('d'), grade: 'good', group: 'dark.jpg' },
        { path: 'text.jpg', reason: 'not a picture', grade: 'good', group: 'text.jpg' },
      ],
    };
    const kept = [
      { path: 'a.jpg', original: digest('a'), grade: 'good', group: 'a.jpg' },
      { path: 'dark.jpg', original: digest('d'), grade: 'good', group: 'dark.jpg' },
    ];
    expect(photographsOf(old)).toEqual({ kept, accepted: new Map() });
    const dark = { ...image('dark.jpg', digest('d')), accepted };
    expect(photographsOf({ images: [...old.images, dark], quarantined: [] })).toEqual({
      kept,
      accepted: new Map([[acceptanceKey({ original: digest('d'), grade: 'good' }), accepted]]),
    });
  });
});
