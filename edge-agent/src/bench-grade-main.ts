/**
 * What grading costs around the model: `node dist/bench-grade-main.js '<BenchGrade as JSON>'`, one BenchResult on stdout.
 * The frames go through the line's own code; after each frame the same crops go through the bare session. Disk, gate and
 * the camera's pipe are left out on both sides: a frame lies where the camera's reader puts it when the clock starts. Frame by
 * frame one and the other take turns, on one thread and with the same session; of each frame's turns the medians count.
 * The stages are told apart by the clock at the line's own ports.
 */
import { readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import {
  defaultLineGeometry,
  defaultRecipe,
  type Frame,
  FrameDecoder,
  frameBuffer,
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

/** How much grading may cost, as a multiple of the bare model. */
const goal = 1.6;
const rounds = 15;
const framesPerS = 12;
const stages = ['locate', 'track', 'crop', 'infer', 'fuse, decide and record'] as const;
type Figure = (typeof stages)[number] | 'grade' | 'bare';
/** While the empty belt is learned nothing is located. */
const learnFrames = 20;

const given = JSON.parse(process.argv[2] ?? '{}') as BenchGrade;
const frames = await readFrames(given.framesFile);
const camera = frameBuffer(frames[0]?.data.length ?? 0);
const model = await loadOnnxModel(given);
const { batches, fruits } = await record();
const views = batches.reduce((sum, crops) => sum + crops.length, 0) / (given.inputSize ** 2 * 3);
const measured: Costs[][] = [];
for (let round = 0; round < rounds; round++) measured.push(await measure());
await model.release();
const counted = batches.length;
const value = meanMs('grade');
const bareMs = meanMs('bare');
process.stdout.write(
  `${JSON.stringify({
    bench: 'grade',
    machine: `${cpus()[0]?.model.trim() ?? 'unknown'}, ${cpus().length} cores, node ${process.version}`,
    rows: [
      row(`${given.variant}: a frame with ${(views / counted).toFixed(1)} views (goal ${goal})`, value, {
        peer: 'session.run of the same crops',
        peerValue: bareMs,
      }),
      row(`${given.variant}: the same`, value, {
        peer: `time between frames at ${framesPerS} /s`,
        peerValue: 1000 / framesPerS,
      }),
      ...stages.map((stage) => perView(stage, meanMs(stage))),
      perView('session.run alone', bareMs),
      {
        name: `${given.variant}: fruits decided`,
        value: fruits,
        unit: 'fruits',
        peer: null,
        peerValue: null,
        ratio: null,
      },
    ],
  })}\n`,
);

/** Of one frame, milliseconds. */
type Costs = Record<Figure, number>;

/** Of a frame, in the mean over the film; per frame the median of its turns, which a busy neighbour does not move. */
function meanMs(figure: Figure): number {
  const ofFrame = (at: number) => median(measured.map((costs) => costs[at]![figure]));
  return batches.reduce((sum, _, at) => sum + ofFrame(at), 0) / counted;
}

function row(name: string, ms: number, than?: { readonly peer: string; readonly peerValue: number }) {
  const { peer = null, peerValue = null } = than ?? {};
  return { name, value: ms, unit: 'ms', peer, peerValue, ratio: peerValue === null ? null : ms / peerValue };
}

/** Of `ms` for all views of a frame. */
function perView(what: string, ms: number) {
  const us = (ms * 1000 * counted) / views;
  return { ...row(`${given.variant}: ${what}, for each view`, us), unit: 'µs' };
}

/** The crops of each frame, as the line makes them. */
async function record(): Promise<{ batches: Uint8Array[]; fruits: number }> {
  const batches: Uint8Array[] = [];
  let now = new Uint8Array();
  let decided = 0;
  const line = openLine(
    watched(async (count) => {
      now = model.crops.slice(0, count * given.inputSize ** 2 * 3);
      return model.run(count);
    }),
  );
  for (const [at, frame] of frames.entries()) {
    now = new Uint8Array();
    decided += await line.grade(frame);
    if (at >= learnFrames) batches.push(now);
  }
  return { batches, fruits: decided };
}

async function measure(): Promise<Costs[]> {
  const all: Costs[] = [];
  let costs = noCosts();
  let lapFromMs = 0;
  const lap = (stage: (typeof stages)[number]) => {
    const nowMs = systemClock.monotonicMs();
    costs[stage] += nowMs - lapFromMs;
    lapFromMs = nowMs;
  };
  let isTracked = true;
  const line = openLine(
    watched(
      async (count) => {
        lap('crop');
        const rows = await model.run(count);
        lap('infer');
        return rows;
      },
      () => {
        if (!isTracked) lap('track');
        isTracked = true;
      },
    ),
    () => {
      lap('locate');
      isTracked = false;
    },
  );
  for (const [at, each] of frames.entries()) {
    camera.set(each.data);
    const frame = { ...each, data: camera };
    costs = noCosts();
    const fromMs = systemClock.monotonicMs();
    lapFromMs = fromMs;
    await line.grade(frame);
    lap('fuse, decide and record');
    costs.grade = lapFromMs - fromMs;
    if (at < learnFrames) continue;
    all.push(costs);
    const crops = batches[at - learnFrames]!;
    if (crops.length === 0) continue;
    model.crops.set(crops);
    const bareFromMs = systemClock.monotonicMs();
    await model.run(crops.length / (given.inputSize ** 2 * 3));
    costs.bare = systemClock.monotonicMs() - bareFromMs;
  }
  return all;
}

function noCosts(): Costs {
  return { grade: 0, bare: 0, locate: 0, track: 0, crop: 0, infer: 0, 'fuse, decide and record': 0 };
}

/** The model, run by `run`; `onCrops` is told when somebody is about to write or read crops. */
function watched(run: ViewModel['run'], onCrops = () => {}): ViewModel {
  const { labels, inputSize, capacity } = model;
  return {
    ...{ labels, inputSize, capacity, run, defects: model.defects },
    get crops() {
      onCrops();
      return model.crops;
    },
    release: () => Promise.resolve(),
  };
}

/** A line on the film's own time, so that no decision comes too late. */
function openLine(use: ViewModel, onLocated = () => {}): GradeLine {
  const geometry = defaultLineGeometry;
  const background = new LineBackground(geometry.frameWidthPx, geometry.frameHeightPx);
  let nowMs = 0;
  let seq = 0;
  const line = new GradeLine(
    { boot: '0'.repeat(16), geometry, gateLeadMs: 0 },
    {
      clock: { nowMs: () => nowMs, monotonicMs: () => nowMs },
      outbox: { nextSeq: () => seq++, append: () => true },
      gate: { shoot: () => {}, observe: () => {} },
      locate: (frame) => {
        nowMs = frame.capturedAtMs;
        const blobs = locateFruit(frame, background, geometry);
        onLocated();
        return blobs;
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
