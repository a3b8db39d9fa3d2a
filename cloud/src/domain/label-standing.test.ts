import { describe, expect, it } from 'vitest';
import { isForSecond, type Said, standingOf } from './label-standing.ts';

const said = (kind: Said['kind'], actor: string, label: string | null, change: Partial<Said> = {}): Said => ({
  ...{ kind, actor, label, source: 'console', atMs: 1 },
  ...change,
});
const first = said('label', 'ann', 'good');

function reviewOf(...all: Said[]): string {
  const { review, label, second } = standingOf(all, true);
  return `${review}: ${label?.label ?? '-'} by ${label?.by ?? '-'}, ${second?.label ?? '-'}`;
}

describe('where a label stands', () => {
  it('follows what was said, one after the other', () => {
    expect(reviewOf()).toBe('none: - by -, -');
    expect(reviewOf(first)).toBe('wanted: good by ann, -');
    expect(reviewOf(first, said('label', 'ann', null))).toBe('none: - by -, -');
    expect(reviewOf(first, said('second', 'ben', 'good'))).toBe('agreed: good by ann, good');
    expect(reviewOf(first, said('second', 'ben', 'ok'))).toBe('disputed: good by ann, ok');
    expect(reviewOf(first, said('second', 'ben', 'ok'), said('second', 'ben', null))).toBe(
      'wanted: good by ann, -',
    );
  });

  it('is for a third to say where two differ, and no more for one of them or for the line alone', () => {
    const disputed = [first, said('second', 'ben', 'ok')];
    const settled = [...disputed, said('decision', 'cleo', 'bad')];
    expect(reviewOf(...settled)).toBe('settled: bad by cleo, ok');
    expect(reviewOf(...settled, said('decision', 'cleo', null))).toBe('unresolved: good by ann, ok');
    for (const standing of [disputed, settled])
      expect(reviewOf(...standing, said('label', 'line-operator', 'ok'))).toBe(reviewOf(...standing));
  });

  it('wants no opinion of what is known for certain, or of fruit that was not chosen', () => {
    expect(standingOf([first], false).review).toBe('none');
    expect(standingOf([said('label', 'truth', 'ok', { source: 'scenario-truth' })], true).review).toBe(
      'none',
    );
  });
});

it('chooses a tenth of the fruit for a second look, the same each time', () => {
  const names = Array.from({ length: 5_000 }, (_, seq) => ({ station: 'left', boot: 'ab', seq }));
  const chosen = names.filter(isForSecond);
  expect(chosen.length / names.length).toBeCloseTo(0.1, 2);
  expect(names.filter(isForSecond)).toEqual(chosen);
});
