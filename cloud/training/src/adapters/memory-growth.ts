import type { Network } from '@pomona/catalog';
import { useOnnxBackend } from '@pomona/onnx-backend';
import { memory } from '@tensorflow/tfjs-core';
import { benchSteps, randomDataset } from './bench-steps.ts';
import type { BenchRow } from './bench-train.ts';

/** Small, so that many steps take seconds: what is left behind by a step does not depend on it. */
const size = 32;
const images = 4;
/** Share of the steps after which everything has its size: arenas, the garbage collector's heap, compiled code. */
const settled = 0.2;

/** What training holds more of at the end than when it had settled. */
export async function growthRows(network: Network, steps: number): Promise<BenchRow[]> {
  const backend = await useOnnxBackend();
  const training = benchSteps(backend, network, randomDataset(images * 4, size), images);
  const held = () => {
    const { numTensors } = memory();
    const { compiled } = backend.runner.counts;
    return { tensors: numTensors, compiled, megabytes: process.memoryUsage().rss / 1e6 };
  };
  const begin = Math.floor(steps * settled);
  let before = held();
  let done = 0;
  for (const batch of training.batches()) {
    training.run(batch);
    done++;
    if (done === begin) before = held();
    if (done === steps) break;
  }
  const after = held();
  training.dispose();
  const row = (what: string, unit: string, key: keyof typeof after): BenchRow => ({
    name: `${network.name}: ${what} after ${steps} steps, beside after ${begin} (goal: no growth)`,
    ...{ value: after[key], unit, peer: `after ${begin} steps`, peerValue: before[key] },
    ratio: after[key] / before[key],
  });
  return [
    row('memory of the process', 'MB', 'megabytes'),
    row('live tensors', 'tensors', 'tensors'),
    row('graphs compiled', 'graphs', 'compiled'),
  ];
}
