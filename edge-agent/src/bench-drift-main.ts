/**
 * The statistics of a film: `node dist/bench-drift-main.js '<BenchDrift as JSON>' < film`, one JSON object per line on stdout:
 * each window as the agent would send it, and at the end what they cost. The film's frames, each behind its header, begin
 * with an empty belt; time is the film's own, so that nothing is too late.
 */
import { defaultLineGeometry, defaultRecipe, LineBackground, locateFruit } from '@pomona/grading';
import { systemClock } from '@pomona/wire';
import { loadOnnxModel } from './adapters/onnx-model.ts';
import { type BenchVariant, gradeStandardInput } from './bench-grade-line.ts';
import type { OutboxWriter } from './domain/outbox.ts';
import type { ViewModel } from './domain/view-model.ts';
import { GradeLine } from './use-cases/grade-line.ts';
import { StatisticsWriter } from './use-cases/write-statistics.ts';

interface BenchDrift extends BenchVariant {
  readonly windowFruits: number;
}

const given = JSON.parse(process.argv[2] ?? '{}') as BenchDrift;
const geometry = defaultLineGeometry;
const boot = '0'.repeat(16);
const spent = { statisticsMs: 0, fruits: 0, inferenceMs: 0, views: 0 };
let nowMs = 0;
let seq = 0;

const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs };
const onTrouble = (code: string, message: string): void => void process.stderr.write(`${code}: ${message}\n`);
const outbox: OutboxWriter = {
  nextSeq: () => seq++,
  append: ({ kind, value }) => {
    if (kind === 'drift') say({ window: value });
    return true;
  },
};
const background = new LineBackground(geometry.frameWidthPx, geometry.frameHeightPx);
const statistics = new StatisticsWriter(
  { boot, windowFruits: given.windowFruits },
  { clock, outbox, belt: () => background.beltColour(), onStored: () => undefined, onTrouble },
);
const line = new GradeLine(
  { boot, geometry, gateLeadMs: 0 },
  {
    clock,
    outbox,
    gate: { shoot: () => undefined, observe: () => undefined },
    locate: (frame) => {
      nowMs = frame.capturedAtMs;
      return locateFruit(frame, background, geometry);
    },
    onTrouble,
    onDecided: (fruit) => {
      const fromMs = systemClock.monotonicMs();
      statistics.offer(fruit);
      spent.statisticsMs += systemClock.monotonicMs() - fromMs;
      spent.fruits++;
    },
  },
);
const model = timed(await loadOnnxModel(given));
line.use(
  { ...given, ref: { name: 'bench', version: 1, digest: boot.repeat(4) } },
  model,
  given.recipe ?? defaultRecipe(given.labels),
);

await gradeStandardInput(line);
say({ spent });

function timed(loaded: ViewModel): ViewModel {
  return {
    labels: loaded.labels,
    inputSize: loaded.inputSize,
    capacity: loaded.capacity,
    crops: loaded.crops,
    release: () => loaded.release(),
    run: async (count) => {
      const fromMs = systemClock.monotonicMs();
      const rows = await loaded.run(count);
      spent.inferenceMs += systemClock.monotonicMs() - fromMs;
      spent.views += count;
      return rows;
    },
  };
}

function say(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
