import { expect, it } from 'vitest';
import { evidenceWords } from './evidence-words.ts';

it('says in words what an alert was raised by', () => {
  expect(evidenceWords({ luma: 10.78, sharpness: 2, medianLumaRatio: 0.61, estimatedAccuracy: 0.9 })).toBe(
    'differs: Brightness, Sharpness; brightness is 61.0 % of what it was; estimated accuracy 90.0 %',
  );
  expect(evidenceWords({ temperatureC: 84 })).toBe('the board has 84 °C');
  expect(evidenceWords({ diskFreeMb: 300, outboxDepth: 20_000 })).toBe(
    '300 MB free on the disk; 20,000 records waiting on the board',
  );
  expect(
    evidenceWords({
      ...{ grades: 0.31, gradesUsual: 'good 80 %, bad 20 %', gradesNow: 'good 55 %, bad 45 %' },
      ...{ beltChanged: 'red, green', unknownShare: 0.125 },
    }),
  ).toBe(
    'differs: Grades; grades usually good 80 %, bad 20 %; grades now good 55 %, bad 45 %; the belt’s colour changed: red, green; 12.5 % of the fruit is unlike any of the baseline',
  );
  expect(evidenceWords({ faults: 'out-of-focus, black', luma: 4.2, sharpness: 1.234, shiftPx: 7 })).toBe(
    'wrong: out-of-focus, black; brightness 4 of 255; sharpness 1.23; moved by 7 pixels',
  );
  expect(evidenceWords({ endsAt: '2026-12-20T16:28:26.927Z', daysLeft: 19, trouble: 'no answer' })).toMatch(
    /^ends .*2026.*; 19 days left$/,
  );
  expect(evidenceWords({ late: 3, failed: 2 })).toBe('3 shots came too late; 2 shots failed');
  expect(evidenceWords({ missedDeadlines: 5, fruits: 500 })).toBe(
    '5 fruits decided too late; among the last 500',
  );
  expect(evidenceWords({ lastSeenAt: 'never' })).toBe('never heard of');
  expect(evidenceWords({ rollout: 3 })).toBe('rollout 3');
  expect(evidenceWords({})).toBe('');
});
