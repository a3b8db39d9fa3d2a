import { expect, it } from 'vitest';
import { RecordingLogger } from '../testing/recording-logger.ts';
import { Rejections } from './rejections.ts';

const one = { station: 'left', channel: 'grades', cause: 'schema', detail: 'x' };

it('counts by station, channel and cause, and logs the first of each', () => {
  const logger = new RecordingLogger();
  const rejections = new Rejections(logger);
  for (let i = 0; i < 3; i++) rejections.count({ ...one, detail: String(i) });
  rejections.count({ ...one, station: 'right' });
  const taken = rejections.take();
  expect(taken).toMatchObject([
    { count: 3, detail: '2' },
    { station: 'right', count: 1 },
  ]);
  expect(rejections.take()).toEqual([]);
  rejections.count(one);
  rejections.restore(taken);
  expect(rejections.take().map(({ count }) => count)).toEqual([4, 1]);
  expect(logger.lines).toHaveLength(2);
});

it('stays bounded whatever comes, and still counts all of it', () => {
  const logger = new RecordingLogger();
  const rejections = new Rejections(logger);
  for (let i = 0; i < 5_000; i++)
    rejections.count({ ...one, cause: `cause ${i}`, detail: 'x'.repeat(10_000) });
  const taken = rejections.take();
  expect(taken.length).toBeLessThanOrEqual(2_001);
  expect(taken.reduce((sum, { count }) => sum + count, 0)).toBe(5_000);
  expect(Math.max(...taken.map(({ detail }) => detail.length))).toBe(200);
  expect(logger.lines.length).toBeLessThanOrEqual(2_001);
});
