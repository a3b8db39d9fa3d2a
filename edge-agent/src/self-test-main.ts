/** The process that tries a release on its golden views. Talks to `selfTestRelease`. */
import { readFile } from 'node:fs/promises';
import { isAppError, systemClock } from '@pomona/wire';
import { liveWithAgent, tellAgent } from './adapters/inside-model-process.ts';
import { loadOnnxModel } from './adapters/onnx-model.ts';
import { refused, type SelfTestRequest, type SelfTestResult } from './adapters/self-test.ts';
import type { ViewModel } from './domain/view-model.ts';

/** As many as two lanes show at once. */
const viewsPerRun = 8;
const raceForMs = 150;
const runsMax = 1_000;

liveWithAgent();
process.once('message', async (request: SelfTestRequest) => {
  await tellAgent(await tryRelease(request).catch((error: unknown) => refused(String(error))));
  process.disconnect();
});

async function tryRelease(request: SelfTestRequest): Promise<SelfTestResult> {
  const { golden, expected, labels, inputSize, tolerance } = request;
  const views = await readFile(golden);
  const bytesWanted = expected.length * inputSize ** 2 * 3;
  if (expected.length === 0 || views.length !== bytesWanted) {
    return refused(`the golden views are ${views.length} bytes, not ${bytesWanted}`);
  }
  if (expected.some((row) => row.length !== labels.length)) {
    return refused(`the golden views have not one expected probability per label (${labels.join(', ')})`);
  }
  try {
    const model = await loadOnnxModel(request, expected.length);
    model.crops.set(views);
    const maxDelta = largestDifference(await model.run(expected.length), expected);
    const msPerView = await raceMs(model, expected.length);
    await model.release();
    if (maxDelta <= tolerance) return { ok: true, maxDelta, msPerView, reason: '' };
    const reason = `the golden views differ by ${maxDelta.toPrecision(3)}, at most ${tolerance} is right`;
    return refused(reason, maxDelta, msPerView);
  } catch (error) {
    if (!isAppError(error)) throw error;
    return refused(`${error.message}. ${error.hint}`);
  }
}

/** Milliseconds per view: the median over a short while, which the line's own work beside it hardly moves. */
async function raceMs(model: ViewModel, views: number): Promise<number> {
  const count = Math.min(views, viewsPerRun);
  const fromMs = systemClock.monotonicMs();
  const times: number[] = [];
  for (let nowMs = fromMs; nowMs - fromMs < raceForMs && times.length < runsMax; ) {
    await model.run(count);
    const endedMs = systemClock.monotonicMs();
    times.push((endedMs - nowMs) / count);
    nowMs = endedMs;
  }
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)]!;
}

/** Infinite when a probability is no number. */
function largestDifference(rows: Float32Array, expected: SelfTestRequest['expected']): number {
  let largest = 0;
  expected.flat().forEach((wanted, i) => {
    const difference = Math.abs(rows[i]! - wanted);
    largest = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : Math.max(largest, difference);
  });
  return largest;
}
