/**
 * What grading costs around the model: `node dist/bench-grade-main.js '<BenchGrade as JSON>'`, one BenchResult on stdout.
 * The frames go through the line's own code; after each frame the same crops go through the bare session. Disk, gate and
 * the camera's pipe are left out on both sides: a frame lies where the camera's reader puts it when the clock starts. Frame by
 * frame one and the other take turns, on one thread and with the same session; of each frame's turns the medians count.
 * The stages are told apart by the clock at the line's own ports. The heap is as small as that of an agent.
 */
import './adapters/small-heap.ts';
import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { defaultLineGeometry, frameBuffer, type LineGeometry } from '@pomona/grading';
import { systemClock } from '@pomona/wire';
import { loadOnnxModel } from './adapters/onnx-model.ts';
import { FruitBoxes } from './bench-grade-boxes.ts';
import { measureCapacity } from './bench-grade-capacity.ts';
import { type BenchVariant, learnFrames, openLine, readFilm, watched } from './bench-grade-line.ts';
import { measureMemory, watchPauses } from './bench-grade-memory.ts';
import type { GradeLine } from './use-cases/grade-line.ts';

interface BenchGrade extends BenchVariant {
  /** What every row begins with. */
  readonly title: string;
  /** A film of the usual line. */
  readonly framesFile: string;
  /** The crops of its frames are left here, one after the other, for peers; and what they were made of, see `FruitBoxes`. */
  readonly cropsFile: string;
  readonly boxesFile: string;
  /** Of a busier line, which begins and ends with an empty belt. */
  readonly busy: {
    readonly framesFile: string;
    readonly geometry: LineGeometry;
    readonly emptyFrames: number;
  };
}

/** How much grading may cost, as a multiple of the bare model. */
const goal = 1.25;
const limits = { pauseMs: 5, p99Ms: 50, fruitsPerSPerLane: 12 };
const rounds = 15;
/** A line grades for hours: what V8 does in its first minutes, while it compiles what runs once a frame, is no cost of a frame. */
const warmUpRounds = 20;
const framesPerS = 12;
const stages = ['locate', 'track', 'crop', 'infer', 'fuse, decide and record'] as const;
type Figure = (typeof stages)[number] | 'grade' | 'bare';

const given = JSON.parse(process.argv[2] ?? '{}') as BenchGrade;
const frames = await readFilm(given.framesFile);
const camera = frameBuffer(frames[0]?.data.length ?? 0);
const model = await loadOnnxModel(given);
const { batches, boxes, fruits } = await record();
await writeFile(given.cropsFile, Buffer.concat(batches));
await writeFile(given.boxesFile, Buffer.concat(boxes.pixels));
const cropBytes = given.inputSize ** 2 * 3;
const views = batches.reduce((sum, crops) => sum + crops.length, 0) / cropBytes;
const measured: Costs[][] = [];
for (let round = 0; round < warmUpRounds; round++) await measure();
const pauses = watchPauses();
for (let round = 0; round < rounds; round++) measured.push(await measure());
const pausesMs = [...(await pauses.stop())];
const memory = await measureMemory(given, model, frames, camera);
const { geometry, emptyFrames } = given.busy;
const busyFilm = await readFilm(given.busy.framesFile);
const busyPauses = watchPauses();
const capacity = await measureCapacity(given, model, geometry, busyFilm, emptyFrames, limits.p99Ms);
pausesMs.push(...(await busyPauses.stop()));
await model.release();
const counted = batches.length;
const value = meanMs('grade');
const bareMs = meanMs('bare');
process.stdout.write(
  `${JSON.stringify({
    bench: 'grade',
    machine: `${cpus()[0]?.model.trim() ?? 'unknown'}, ${cpus().length} cores, node ${process.version}`,
    batchViews: batches.map((crops) => crops.length / cropBytes),
    boxSides: boxes.sides,
    rows: [
      row(`${given.title}: a frame with ${(views / counted).toFixed(1)} views (goal ${goal})`, value, {
        peer: 'session.run of the same crops',
        peerValue: bareMs,
      }),
      row(`${given.title}: the same`, value, {
        peer: `time between frames at ${framesPerS} /s`,
        peerValue: 1000 / framesPerS,
      }),
      ...stages.map((stage) => perView(stage, meanMs(stage))),
      perView('session.run alone', bareMs),
      alone('fruits decided', fruits, 'fruits'),
      alone('allocated per frame without decisions, without session.run', memory.around, 'bytes'),
      alone('allocated by a session.run', memory.run, 'bytes'),
      alone('allocated by the decision of a fruit', memory.fruit, 'bytes'),
      alone('allocated per frame, all of it', memory.withRun, 'bytes'),
      alone(
        `longest of ${pausesMs.length} pauses for garbage (limit ${limits.pauseMs})`,
        Math.max(0, ...pausesMs),
        'ms',
      ),
      ...capacityRows(),
    ],
  })}\n`,
);

function capacityRows() {
  const what = `${geometry.lanes} lanes on one core with p99 within ${limits.p99Ms} ms`;
  if (capacity === undefined) return [alone(`${what}: never`, 0, 'fruits/s a lane')];
  const { fruitsPerSPerLane, viewsPerFruit, p99Ms } = capacity;
  const name = `${given.title}: ${what} (${viewsPerFruit.toFixed(1)} views a fruit, p99 ${p99Ms.toFixed(1)} ms)`;
  const peerValue = limits.fruitsPerSPerLane;
  const ratio = fruitsPerSPerLane / peerValue;
  return [{ name, value: fruitsPerSPerLane, unit: 'fruits/s a lane', peer: 'goal', peerValue, ratio }];
}

function alone(what: string, value: number, unit: string) {
  return { name: `${given.title}: ${what}`, value, unit, peer: null, peerValue: null, ratio: null };
}

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
  return { ...row(`${given.title}: ${what}, for each view`, us), unit: 'µs' };
}

/** The crops of each frame, as the line makes them. */
async function record(): Promise<{ batches: Uint8Array[]; boxes: FruitBoxes; fruits: number }> {
  const batches: Uint8Array[] = [];
  const boxes = new FruitBoxes();
  let now = new Uint8Array();
  let decided = 0;
  const line = open(
    watched(model, async (count) => {
      now = model.crops.slice(0, count * given.inputSize ** 2 * 3);
      return model.run(count);
    }),
    (frame, blobs) => {
      if (frame.seq >= learnFrames) boxes.add(frame, blobs);
    },
  );
  for (const [at, frame] of frames.entries()) {
    now = new Uint8Array();
    decided += await line.grade(frame);
    if (at >= learnFrames) batches.push(now);
  }
  return { batches, boxes, fruits: decided };
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
  const line = open(
    watched(
      model,
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

function open(
  use: Parameters<typeof openLine>[1],
  onLocated: Parameters<typeof openLine>[2]['onLocated'] = () => {},
): GradeLine {
  return openLine(given, use, { geometry: defaultLineGeometry, onLocated });
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]!;
}
