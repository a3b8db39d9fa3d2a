/**
 * What grading costs around the model: `node dist/bench-grade-main.js '<BenchGrade as JSON>'`, one BenchResult on stdout.
 * The frames go through the line's own code; after each frame the same crops go through the bare session. Disk, gate and
 * the camera's pipe are left out on both sides.
 */
import { readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import {
  defaultLineGeometry,
  defaultRecipe,
  type Frame,
  FrameDecoder,
  LineBackground,
  locateFruit,
} from '@pomona/grading';
import { systemClock } from '@pomona/wire';
import { loadOnnxModel, type ModelSource } from './adapters/onnx-model.ts';
import type { ViewModel } from './domain/view-model.ts';
import { GradeLine } from './use-cases/grade-line.ts';

interface BenchGrade extends ModelSource {
  readonly variant: string;
  /** A film of frames, each behind its header, that begins with an empty belt. */
  readonly framesFile: string;
}

const rounds = 5;
/** While the empty belt is learned nothing is located. */
const learnFrames = 20;

const given = JSON.parse(process.argv[2] ?? '{}') as BenchGrade;
const frames = await readFrames(given.framesFile);
const model = await loadOnnxModel(given);
const { batches, fruits } = await record();
const views = batches.reduce((sum, crops) => sum + crops.length, 0) / (given.inputSize ** 2 * 3);
const measured = { grade: [] as number[], bare: [] as number[] };
for (let round = 0; round < rounds; round++) {
  const { gradeMs, bareMs } = await measure();
  measured.grade.push(gradeMs);
  measured.bare.push(bareMs);
}
await model.release();
const counted = frames.length - learnFrames;
const value = median(measured.grade) / counted;
const peerValue = median(measured.bare) / counted;
process.stdout.write(
  `${JSON.stringify({
    bench: 'grade',
    machine: `${cpus()[0]?.model.trim() ?? 'unknown'}, ${cpus().length} cores, node ${process.version}`,
    rows: [
      {
        name: `a frame with ${(views / counted).toFixed(1)} views, ${given.variant}: locate to recipe`,
        ...{ value, unit: 'ms', peer: 'session.run of the same crops', peerValue, ratio: value / peerValue },
      },
      { name: 'fruits decided', value: fruits, unit: 'fruits', peer: null, peerValue: null, ratio: null },
    ],
  })}\n`,
);

/** The crops of each frame, as the line makes them. */
async function record(): Promise<{ batches: Uint8Array[]; fruits: number }> {
  const batches: Uint8Array[] = [];
  let now = new Uint8Array();
  let decided = 0;
  const watched: ViewModel = {
    labels: model.labels,
    inputSize: model.inputSize,
    capacity: model.capacity,
    crops: model.crops,
    run: (count) => {
      now = model.crops.slice(0, count * given.inputSize ** 2 * 3);
      return model.run(count);
    },
    release: () => Promise.resolve(),
  };
  const line = openLine(watched);
  for (const [at, frame] of frames.entries()) {
    now = new Uint8Array();
    decided += await line.grade(frame);
    if (at >= learnFrames) batches.push(now);
  }
  return { batches, fruits: decided };
}

async function measure(): Promise<{ gradeMs: number; bareMs: number }> {
  const line = openLine(model);
  let gradeMs = 0;
  let bareMs = 0;
  for (const [at, frame] of frames.entries()) {
    const fromMs = systemClock.monotonicMs();
    await line.grade(frame);
    if (at < learnFrames) continue;
    gradeMs += systemClock.monotonicMs() - fromMs;
    const crops = batches[at - learnFrames]!;
    if (crops.length === 0) continue;
    model.crops.set(crops);
    const bareFromMs = systemClock.monotonicMs();
    await model.run(crops.length / (given.inputSize ** 2 * 3));
    bareMs += systemClock.monotonicMs() - bareFromMs;
  }
  return { gradeMs, bareMs };
}

/** A line on the film's own time, so that no decision comes too late. */
function openLine(use: ViewModel): GradeLine {
  const geometry = defaultLineGeometry;
  const background = new LineBackground(geometry.frameWidthPx, geometry.frameHeightPx);
  let nowMs = 0;
  let seq = 0;
  const line = new GradeLine(
    { boot: '0'.repeat(16), geometry, gateLeadMs: 0 },
    {
      clock: { nowMs: () => nowMs, monotonicMs: () => nowMs },
      outbox: { nextSeq: () => seq++, append: () => {} },
      gate: { shoot: () => {}, close: () => {} },
      locate: (frame) => {
        nowMs = frame.capturedAtMs;
        return locateFruit(frame, background, geometry);
      },
      onTrouble: (code, message) => process.stderr.write(`${code}: ${message}\n`),
    },
  );
  const ref = { name: 'bench', version: 1, digest: '0'.repeat(64) };
  line.use({ ...given, ref }, use, defaultRecipe(given.labels));
  return line;
}

async function readFrames(file: string): Promise<Frame[]> {
  const found: Frame[] = [];
  new FrameDecoder().push(await readFile(file), (frame) => found.push(frame));
  return found;
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]!;
}
