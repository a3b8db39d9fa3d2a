import type { Gate, ModelView } from '@pomona/wire';
import { expect, it } from 'vitest';
import { describeVerdict } from './model-aliases.ts';

const gate = (name: string, verdict: Gate['verdict']): Gate => ({
  ...{ name, figure: verdict === 'insufficient-data' ? null : 0.7, limit: 0.9, comparison: '>=', verdict },
  detail: '',
});
const model = (gates: Gate[]) => ({ name: 'apples', version: 3, gates }) as unknown as ModelView;

it('names the gates that a new version failed, and what follows', () => {
  const text = describeVerdict(
    model([gate('macro-f1', 'failed'), gate('ece', 'passed'), gate('group-gap', 'insufficient-data')]),
  );
  expect(text).toContain('gates       1 of 3 failed, 1 lack the data for a verdict:');
  expect(text).toMatch(/macro-f1 +0\.7 +>= +0\.9 +failed/);
  expect(text).not.toContain('group-gap');
  expect(text).toContain('apples@3 is kept, and goes to no station');
});

it('says so where none failed', () => {
  expect(describeVerdict(model([gate('macro-f1', 'passed')]))).toBe('gates       none of 1 failed');
});
