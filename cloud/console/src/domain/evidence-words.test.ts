import { expect, it } from 'vitest';
import { evidenceWords } from './evidence-words.ts';

it('says in words what an alert was raised by', () => {
  expect(evidenceWords({ luma: 10.78, sharpness: 2, medianLumaRatio: 0.61, estimatedAccuracy: 0.9 })).toBe(
    'differs: Brightness, Sharpness; brightness is 61.0 % of what it was; estimated accuracy 90.0 %',
  );
  expect(evidenceWords({ temperatureC: 84 })).toBe('84 °C');
  expect(evidenceWords({ lastSeenAt: 'never' })).toBe('never heard of');
  expect(evidenceWords({ rollout: 3 })).toBe('rollout 3');
  expect(evidenceWords({})).toBe('');
});
