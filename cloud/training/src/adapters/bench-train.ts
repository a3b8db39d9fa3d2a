import { cpus } from 'node:os';
import { type Network, networkNamed } from '@pomona/catalog';
import { useOnnxBackend } from '@pomona/onnx-backend';
import {
  type BenchSteps,
  benchLabels,
  benchLearningRate,
  benchSteps,
  randomDataset,
  rateOf,
  repeated,
} from './bench-steps.ts';
import { growthRows } from './memory-growth.ts';
import { type ProductPeer, productName, startProductPeer, trainingOperations } from './product-peer.ts';
import { startTensorFlowPeer } from './tensorflow-peer.ts';
import { startTorchPeer, type TorchPeer } from './torch-peer.ts';

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

export interface BenchTrain {
  /** Of each turn. */
  readonly seconds?: number;
  /** Of training for the figures of memory; 0 leaves them out. */
  readonly steps?: number;
  readonly say?: (line: string) => void;
}

const batchImages = 64;
/** TensorFlow.js' CPU backend takes seconds for each image. */
const cpuImages = 4;
const rounds = 5;
/** How many times as fast as it training shall be. */
const wasmGoal = 30;
const settings = [
  ['sequential', 64],
  ['sequential', 96],
  ['compact', 64],
  ['compact', 96],
] as const;

/**
 * Training throughput in batches of 64, of both networks and both sizes of crops. PyTorch, where python3 has it, and
 * TensorFlow.js' WASM backend take turns with us in the same run; figures are the medians of five turns of `seconds` each.
 */
export async function benchTrain({
  seconds = 2,
  steps = 10_000,
  say = () => {},
}: BenchTrain = {}): Promise<BenchResult> {
  const rows: BenchRow[] = [];
  // Before the process has grown large by other things.
  if (steps > 0) {
    say(`memory over ${steps} steps`);
    rows.push(...(await growthRows(networkNamed('sequential')!, steps)));
  }
  for (const [name, size] of settings) {
    say(`${name} at ${size}×${size}`);
    rows.push(...(await rowsOf(networkNamed(name)!, size, seconds)));
  }
  const machine = `${cpus()[0]?.model.trim() ?? 'unknown'}, ${cpus().length} cores, node ${process.version}`;
  return { bench: 'train', machine, rows };
}

async function rowsOf(network: Network, size: number, seconds: number): Promise<BenchRow[]> {
  const backend = await useOnnxBackend();
  const dataset = randomDataset(batchImages * 4, size);
  const torch = await startTorchPeer(torchSettings(network, size));
  const wasm = await startTensorFlowPeer('wasm', network, dataset, batchImages);
  const steps = benchSteps(backend, network, dataset, batchImages);
  const product = startProductPeer();
  const [fixed] = steps.batches();
  for (let warmUp = 0; warmUp < 5; warmUp++) steps.run(fixed!);
  const rates = await inTurns(steps, { torch, wasm, product }, seconds);
  product.stop();
  torch?.stop();
  await wasm?.stop();
  steps.dispose();
  const cpu = await startTensorFlowPeer('cpu', network, dataset, cpuImages);
  const cpuRate = cpu && (await cpu.measure(0));
  await cpu?.stop();

  const what = `${network.name} at ${size}×${size}`;
  const step = `${what}: forward, gradients, Adam`;
  const own = median(rates.own);
  const operations = (name: string, imagesPerS: number) => {
    const value = trainingOperations(network, size, imagesPerS);
    const peerValue = median(rates.product);
    return { name, value, unit: 'GFLOP/s', peer: productName, peerValue, ratio: value / peerValue };
  };
  return [
    row(step, own, torch && `PyTorch ${torch.version}`, torch && median(rates.torch)),
    row(step, own, wasm?.name, wasm && median(rates.wasm)),
    row(step, own, cpu?.name, cpuRate),
    row(`${what}: the same and augmented batches`, median(rates.whole)),
    operations(`${what}: operations of its layers`, own),
    ...(wasm === undefined
      ? []
      : [
          operations(
            `${what}: that ${wasmGoal} times TensorFlow.js WASM would take`,
            wasmGoal * median(rates.wasm),
          ),
        ]),
  ];
}

interface Peers {
  readonly torch: TorchPeer | undefined;
  readonly wasm: { measure(seconds: number): Promise<number> } | undefined;
  readonly product: ProductPeer;
}

async function inTurns(steps: BenchSteps, { torch, wasm, product }: Peers, seconds: number) {
  const rates = { own: [], torch: [], wasm: [], whole: [], product: [] } as Record<
    'own' | 'torch' | 'wasm' | 'whole' | 'product',
    number[]
  >;
  const [fixed] = steps.batches();
  for (let round = 0; round < rounds; round++) {
    rates.own.push(rateOf(seconds, repeated(fixed!), steps.run));
    if (torch) rates.torch.push(await torch.measure(seconds));
    // One step takes it half a second and more, and hardly differs from the next.
    if (wasm) rates.wasm.push(await wasm.measure(0));
    rates.whole.push(rateOf(seconds, steps.batches(), steps.run));
    rates.product.push(product.measure(seconds / 4));
  }
  return rates;
}

function row(name: string, value: number, peer?: string, peerValue?: number): BenchRow {
  if (peer === undefined || peerValue === undefined)
    return { name, value, unit: 'images/s', peer: null, peerValue: null, ratio: null };
  return { name, value, unit: 'images/s', peer, peerValue, ratio: value / peerValue };
}

function torchSettings({ layers, pixelScale }: Network, size: number): object {
  return {
    ...{ batch: batchImages, size, labels: benchLabels.length, threads: cpus().length },
    ...{ layers, pixelScale, learningRate: benchLearningRate },
  };
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
