import type { Gate, ModelView } from '@pomona/wire';
import { describe, expect, it } from 'vitest';
import { gatesAgainst, newestToRollOut } from './gates-against.ts';

function model(name: string, version: number, verdict?: Gate['verdict']): ModelView {
  const gate = { name: 'macro-f1', figure: 0.8, limit: 0.9, comparison: '>=', detail: '' };
  return {
    ...{ name, version, createdAt: `2026-01-0${version}T00:00:00.000Z` },
    ...(verdict && { gates: [{ ...gate, verdict }] }),
  } as ModelView;
}

describe('the version that a rollout starts on', () => {
  const models = [
    model('apples', 4, 'failed'),
    model('apples', 2, 'passed'),
    model('pears', 3, 'insufficient-data'),
    model('pears', 1),
  ];

  it('is the newest whose gates did not fail, of whatever name', () => {
    expect(newestToRollOut(models, new Map())).toMatchObject({ name: 'pears', version: 3 });
    expect(newestToRollOut([models[0]!, models[3]!], new Map())).toBeUndefined();
  });

  it('is a champion in spite of its gates', () => {
    expect(newestToRollOut(models, new Map([['apples', 4]]))).toMatchObject({ name: 'apples', version: 4 });
    expect(newestToRollOut(models, new Map([['pears', 4]]))).toMatchObject({ name: 'pears', version: 3 });
  });

  it('is said to have failed, or never to have been judged, where that is so', () => {
    expect(models.map(gatesAgainst)).toEqual([
      'failed gates: macro-f1',
      undefined,
      undefined,
      'it was never held against gates',
    ]);
  });
});
