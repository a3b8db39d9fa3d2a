import type { TrainingEvent } from '@pomona/training';
import { expect, it } from 'vitest';
import { createTrainingBar } from './training-bar.ts';

const started: TrainingEvent = {
  ...{ type: 'started', network: 'compact', images: 90, cases: 90, epochs: 3, steps: 6, parameters: {} },
};
const progress: TrainingEvent = {
  ...{ type: 'progress', epoch: 3, epochs: 3, step: 5, steps: 6, loss: 0.5, accuracy: 0.9 },
  ...{ imagesPerSecond: 100, etaMs: 1 },
};

function saidOf(isToResume: boolean, events: readonly TrainingEvent[]): string[] {
  const lines: string[] = [];
  const output = { json: false, say: (line: string) => void lines.push(line), report: () => undefined };
  const bar = createTrainingBar(output, { isToResume });
  for (const event of events) bar.onEvent(event);
  bar.stop();
  return lines.slice(1);
}

it('says whether a training that is to be resumed goes on or begins anew', () => {
  expect(saidOf(true, [started, { type: 'resumed', epoch: 2 }, progress])).toEqual(['goes on after epoch 2']);
  expect(saidOf(true, [started, progress, progress])).toEqual([expect.stringMatching(/^begins anew: /)]);
  expect(saidOf(false, [started, progress])).toEqual([]);
});
