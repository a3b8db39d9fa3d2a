import { describe, expect, it } from 'vitest';
import { testGrades, testHealth } from '../testing/test-station.ts';
import { salvageGrades, salvageRecord } from './salvage.ts';

describe('salvageGrades', () => {
  it('keeps the valid fruits of a message and names the others', () => {
    const message = testGrades([1, 2, 3]);
    const broken = { ...message, fruits: [message.fruits[0], { seq: 2, lane: 'left' }, message.fruits[2]] };
    const salvage = salvageGrades(broken)!;
    expect(salvage.grades?.fruits.map(({ seq }) => seq)).toEqual([1, 3]);
    expect(salvage.refused).toEqual([{ seq: 2, body: '{"seq":2,"lane":"left"}' }]);
  });

  it('refuses every fruit by its name when the message around them is broken', () => {
    const salvage = salvageGrades({ ...testGrades([1, 2]), release: 'none' })!;
    expect(salvage.grades).toBeUndefined();
    expect(salvage.refused.map(({ seq }) => seq)).toEqual([1, 2]);
  });

  it('refuses the message by its own number when it has no fruit that has one', () => {
    expect(salvageGrades({ ...testGrades([5]), fruits: 'none' })?.refused.map(({ seq }) => seq)).toEqual([5]);
  });

  it('can do nothing for what does not name itself', () => {
    for (const value of [null, 1, 'x', [], {}, { boot: 'x', seq: 1 }, { boot: '0'.repeat(16) }])
      expect(salvageGrades(value)).toBeUndefined();
    expect(salvageGrades({ ...testGrades([1]), seq: -1, fruits: [{ seq: 1.5 }] })).toBeUndefined();
  });

  it('cuts what it keeps of a refused record', () => {
    const fruit = { seq: 1, note: 'x'.repeat(10_000) };
    const salvage = salvageGrades({ ...testGrades([1]), fruits: [fruit] })!;
    expect(salvage.refused[0]!.body.length).toBe(4_000);
  });
});

it('salvageRecord refuses a record by its name', () => {
  expect(salvageRecord({ ...testHealth(4), cpuPercent: -1 })?.refused.map(({ seq }) => seq)).toEqual([4]);
  expect(salvageRecord({ ...testHealth(4), boot: undefined })).toBeUndefined();
});
