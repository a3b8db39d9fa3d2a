import type { Health } from '@pomona/wire';
import { expect, it } from 'vitest';
import { LineWatch } from './line-watch.ts';

const start = Date.parse('2026-11-30T08:00:00Z');

function health(second: number, fruits: number, more: Partial<Health> = {}): Health {
  const at = new Date(start + 1000 * second).toISOString();
  const counts = { missedDeadlines: 0, droppedFrames: 0, cpuPercent: 20, rssMb: 100, ...more };
  return { at, seq: second, boot: 'a', fruits, latencyMs: { p50: 1, p99: 8 }, ...counts } as Health;
}

it('adds up what a worker counted, and what one counted that was started in its place', () => {
  const watch = new LineWatch();
  const records = [health(0, 10), health(2, 100, { missedDeadlines: 1 }), health(4, 20), health(6, 50)];
  for (const each of [...records, records[3]!]) watch.take(each);
  expect(watch.figures(start, start + 6_000)).toMatchObject({
    seconds: 6,
    fruits: 140,
    missedDeadlines: 1,
    restarts: 1,
  });
});

it('leaves out what was before, and says how memory grew', () => {
  const watch = new LineWatch();
  watch.take(health(0, 0, { rssMb: 400, latencyMs: { p50: 1, p99: 900 } }));
  for (let second = 1; second <= 8; second++)
    watch.take(health(second, second * 48, { rssMb: 100 + second }));
  expect(watch.figures(start + 1, start + 8_000)).toMatchObject({
    p99Ms: 8,
    rssMb: [102, 108],
    fruits: 7 * 48,
    restarts: 0,
  });
  expect(watch.figures(start + 8_000, start + 9_000)).toBeUndefined();
});
