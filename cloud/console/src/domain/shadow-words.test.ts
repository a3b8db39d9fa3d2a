import type { ShadowSummary } from '@pomona/wire';
import { describe, expect, it } from 'vitest';
import { shadowMatrix, shadowState } from './shadow-words.ts';

const at = '2026-11-30T10:00:00.000Z';
const shadow: ShadowSummary = {
  beganAt: at,
  endedAt: null,
  stations: 2,
  ready: 1,
  fruits: 6,
  agreement: 0.5,
};

describe('a shadow', () => {
  it('is said to go on, to be paused, to have ended early, or to be over', () => {
    expect(shadowState({ shadow, status: 'running' })).toBe('goes on; it decides nothing');
    expect(shadowState({ shadow, status: 'paused' })).toBe('paused');
    expect(shadowState({ shadow, status: 'rolled-back' })).toBe('ended before the canary');
    expect(shadowState({ shadow: { ...shadow, endedAt: at }, status: 'done' })).toBe('over');
  });

  it('is a matrix of all stations, with the grades that either gave', () => {
    const of = (champion: string, candidate: string, count: number) => ({ champion, candidate, count });
    const figures = { fruits: 0, skipped: 0, views: 0, msPerView: null };
    expect(
      shadowMatrix([
        { ...figures, pairs: [of('good', 'good', 2), of('good', 'ok', 1)] },
        { ...figures, pairs: [of('good', 'good', 3)] },
      ]),
    ).toEqual({
      grades: ['good', 'ok'],
      counts: [
        [5, 1],
        [0, 0],
      ],
    });
    expect(shadowMatrix([])).toBeUndefined();
  });
});
