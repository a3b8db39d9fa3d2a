import type { LabelEntry } from '@pomona/wire';
import { expect, it } from 'vitest';
import { entryWords } from './labelling-words.ts';

const entry = (change: Partial<LabelEntry>): LabelEntry => ({
  ...{
    at: '2026-01-01T00:00:00.000Z',
    actor: 'ann',
    kind: 'label',
    source: 'console',
    label: 'ok',
    before: null,
  },
  ...change,
});

it('tells what was said, what that changed, and nothing of what is hidden', () => {
  expect(
    [
      entry({}),
      entry({ label: 'bad', before: 'ok' }),
      entry({ label: null, before: 'bad' }),
      entry({ kind: 'second', label: 'good', before: 'ok' }),
      entry({ kind: 'decision', label: null, before: 'ok' }),
      entry({ label: null, hidden: true }),
    ].map(entryWords),
  ).toEqual([
    'said ok',
    'said bad instead of ok',
    'took bad back',
    'second opinion: good',
    'decided: cannot be told',
    'said something that stays hidden until a second person has looked',
  ]);
});
