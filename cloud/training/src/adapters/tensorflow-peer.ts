import type { Network } from '@pomona/catalog';
import { getBackend, setBackend } from '@tensorflow/tfjs-core';
import type { Dataset } from '../domain/dataset.ts';
import { type BenchSteps, benchSteps, rateOf, repeated } from './bench-steps.ts';
import { plainEngine } from './plain-engine.ts';
import { missingKernel, registerWasmGradient } from './wasm-gradients.ts';

export interface TensorFlowPeer {
  readonly name: string;
  /** Images per second over so many seconds, or one step. */
  measure(seconds: number): Promise<number>;
  stop(): Promise<void>;
}

/** The same step of the same network on a backend of TensorFlow.js; undefined where its package is not installed. */
export async function startTensorFlowPeer(
  backend: 'wasm' | 'cpu',
  network: Network,
  dataset: Dataset,
  images: number,
): Promise<TensorFlowPeer | undefined> {
  const name = await loadBackend(backend);
  if (name === undefined) return undefined;
  const steps = await on(backend, () => benchSteps(plainEngine(name), network, dataset, images));
  const [batch] = steps.batches();
  const rate = (seconds: number) => on(backend, () => rateOf(seconds, repeated(batch!), steps.run));
  await rate(0);
  return { name, measure: rate, stop: () => on(backend, () => disposed(steps)) };
}

/** What it is called; undefined where it is not installed. */
async function loadBackend(backend: 'wasm' | 'cpu'): Promise<string | undefined> {
  try {
    if (backend === 'cpu') {
      await import('@tensorflow/tfjs-backend-cpu');
      return 'TensorFlow.js CPU';
    }
    await import('@tensorflow/tfjs-backend-wasm');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') return undefined;
    throw error;
  }
  registerWasmGradient();
  return `TensorFlow.js WASM and our ${missingKernel}`;
}

async function on<T>(backend: string, run: () => T): Promise<T> {
  const before = getBackend();
  if (!(await setBackend(backend))) throw new Error(`TensorFlow.js has no backend ${backend} here`);
  try {
    return run();
  } finally {
    await setBackend(before);
  }
}

function disposed(steps: BenchSteps): void {
  steps.dispose();
}
