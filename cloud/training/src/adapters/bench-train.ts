import { cpus } from 'node:os';
import { defaultRecipe, type Network, networkNamed } from '@pomona/catalog';
import { seededRandom, systemClock } from '@pomona/wire';
import { getBackend, setBackend, tensor, transpose } from '@tensorflow/tfjs-core';
import { type Batch, batchesOf } from '../domain/batches.ts';
import { casesOf } from '../domain/cases.ts';
import type { Dataset, DatasetImage } from '../domain/dataset.ts';
import { buildModel } from '../use-cases/build-model.ts';
import type { Engine } from '../use-cases/engine.ts';
import { trainingStep } from '../use-cases/training-step.ts';
import { useOnnxBackend } from './register-backend.ts';
import { startTorchPeer } from './torch-peer.ts';

export interface BenchRow {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** Null where there is nothing to compare with on this machine. */
  readonly peer: string | null;
  readonly peerValue: number | null;
  /** Ours divided by the peer's. */
  readonly ratio: number | null;
}

export interface BenchResult {
  readonly bench: string;
  readonly machine: string;
  readonly rows: readonly BenchRow[];
}

const size = 64;
const batchImages = 64;
const labels = ['good', 'ok', 'bad'];
const rounds = 3;
/** So low that the one batch is never learned: gradients near zero run at another speed than real ones. */
const learningRate = 1e-6;

/**
 * Training throughput of the `sequential` network at 64×64 in batches of 64. PyTorch, where python3 has it, takes turns
 * with us in the same run; figures are the medians of three turns of `seconds` each (default 4).
 */
export async function benchTrain({ seconds = 4 }: { readonly seconds?: number } = {}): Promise<BenchResult> {
  const network = networkNamed('sequential')!;
  const threads = cpus().length;
  const torch = await startTorchPeer(torchSettings(network, threads));
  const backend = await useOnnxBackend();
  const dataset = randomDataset(batchImages * 4);
  const steps = stepsOn(backend, network, dataset, batchImages);
  const [fixed] = steps.batches();
  for (let warmUp = 0; warmUp < 5; warmUp++) steps.run(fixed!);

  const own: number[] = [];
  const whole: number[] = [];
  const peers: number[] = [];
  for (let round = 0; round < rounds; round++) {
    own.push(rateOf(seconds, repeated(fixed!), steps.run));
    if (torch) peers.push(await torch.measure(seconds));
    whole.push(rateOf(seconds, steps.batches(), steps.run));
  }
  torch?.stop();
  steps.dispose();

  const step = 'step: forward, gradients, Adam';
  return {
    bench: 'train',
    machine: `${cpus()[0]?.model.trim() ?? 'unknown'}, ${threads} cores, node ${process.version}`,
    rows: [
      row(step, median(own), torch ? `PyTorch ${torch.version}` : null, torch ? median(peers) : null),
      row(step, median(own), 'TensorFlow.js CPU', await tensorFlowCpuRate(network, dataset)),
      row('step and augmented batches', median(whole), null, null),
    ],
  };
}

function row(name: string, value: number, peer: string | null, peerValue: number | null): BenchRow {
  const ratio = peerValue === null ? null : value / peerValue;
  return { name, value, unit: 'images/s', peer, peerValue, ratio };
}

function stepsOn(engine: Engine, network: Network, dataset: Dataset, images: number) {
  const model = buildModel(network, size, labels.length, 1);
  const shape = { cases: images, views: 1 };
  const settings = { shape, classWeights: labels.map(() => 1), recipe: defaultRecipe };
  const step = trainingStep(engine, model, dataset, settings);
  const cases = casesOf(dataset, 'train', 1);
  return {
    batches: function* (): Generator<Batch> {
      const random = seededRandom(1);
      while (true) yield* batchesOf(dataset, cases, shape, defaultRecipe.augmentation, random);
    },
    run: (batch: Batch): unknown => step.run(batch, learningRate),
    dispose: () => {
      step.dispose();
      model.dispose();
    },
  };
}

function* repeated(batch: Batch): Generator<Batch> {
  while (true) yield batch;
}

function rateOf(seconds: number, batches: Iterable<Batch>, run: (batch: Batch) => unknown): number {
  const fromMs = systemClock.monotonicMs();
  let images = 0;
  for (const batch of batches) {
    run(batch);
    images += batch.images.length;
    const spentMs = systemClock.monotonicMs() - fromMs;
    if (spentMs >= seconds * 1000) return (images * 1000) / spentMs;
  }
  return 0;
}

/** One small step after a warm-up: the engine needs seconds for it. Null where its package is not installed. */
async function tensorFlowCpuRate(network: Network, dataset: Dataset): Promise<number | null> {
  const before = getBackend();
  try {
    await import('@tensorflow/tfjs-backend-cpu');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') return null;
    throw error;
  }
  await setBackend('cpu');
  const images = (pixels: Uint8Array, shape: readonly number[]) =>
    tensor(Float32Array.from(pixels), [...shape]);
  const planes: Engine['planes'] = (pixels, shape) => transpose(images(pixels, shape), [0, 2, 3, 1]);
  const engine: Engine = { images, planes };
  const steps = stepsOn(engine, network, dataset, 4);
  const [batch] = steps.batches();
  steps.run(batch!);
  const rate = rateOf(0, repeated(batch!), steps.run);
  steps.dispose();
  await setBackend(before);
  return rate;
}

function torchSettings(network: Network, threads: number): object {
  const convolutions = network.layers.flatMap((layer) =>
    layer.kind === 'convolution' ? [[layer.filters, layer.kernel, layer.stride]] : [],
  );
  return {
    batch: batchImages,
    size,
    labels: labels.length,
    threads,
    convolutions,
    pixelScale: network.pixelScale,
    learningRate,
  };
}

function randomDataset(count: number): Dataset {
  const random = seededRandom(1, 'bench');
  const images = Array.from({ length: count }, (_, at): DatasetImage => {
    const grade = labels[at % labels.length]!;
    return { digest: '', grade, group: `${at}`, split: 'train', source: 'bench' };
  });
  const crops = Uint8Array.from({ length: count * size * size * 3 }, () => random.next() * 256);
  return { name: 'bench', digest: '', labels, inputSize: size, viewsPerFruit: 1, images, crops };
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
