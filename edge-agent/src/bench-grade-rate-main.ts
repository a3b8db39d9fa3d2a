/**
 * How many views a second a line grades, from frame to decision: `node dist/bench-grade-rate-main.js '<BenchRate as JSON>'`. For each line on standard input
 * it grades the whole film, as fast as it goes, and answers with views per second.
 */
import './adapters/small-heap.ts';
import { createInterface } from 'node:readline';
import { defaultLineGeometry, frameBuffer } from '@pomona/grading';
import { systemClock } from '@pomona/wire';
import { loadOnnxModel } from './adapters/onnx-model.ts';
import { type BenchVariant, learnFrames, openLine, readFilm, watched } from './bench-grade-line.ts';

interface BenchRate extends BenchVariant {
  readonly framesFile: string;
}

const given = JSON.parse(process.argv[2] ?? '{}') as BenchRate;
const frames = await readFilm(given.framesFile);
const camera = frameBuffer(frames[0]?.data.length ?? 0);
const model = await loadOnnxModel(given);
for await (const _ of createInterface({ input: process.stdin })) process.stdout.write(`${await measure()}\n`);
await model.release();

async function measure(): Promise<number> {
  let views = 0;
  let tookMs = 0;
  const run = (count: number): Promise<Float32Array> => {
    views += count;
    return model.run(count);
  };
  const line = openLine(given, watched(model, run), { geometry: defaultLineGeometry });
  for (const [at, each] of frames.entries()) {
    camera.set(each.data);
    if (at === learnFrames) views = 0;
    const fromMs = systemClock.monotonicMs();
    await line.grade({ ...each, data: camera });
    if (at >= learnFrames) tookMs += systemClock.monotonicMs() - fromMs;
  }
  return (views * 1000) / tookMs;
}
