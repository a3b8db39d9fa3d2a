import { networkNamed } from '@pomona/catalog';
import { systemClock } from '@pomona/wire';
import { getBackend, setBackend, softmax, tensor, tidy } from '@tensorflow/tfjs-core';
import { buildModel } from '../use-cases/build-model.ts';

export interface WasmViews {
  /** Views per second over all crops. */
  turn(): Promise<number>;
  stop(): Promise<void>;
}

/**
 * TensorFlow.js on its WASM backend, one thread: the same network (its weights do not matter to the time) on the crops of each
 * frame together, uint8 one after the other, to probabilities. Undefined where the package is not installed, or knows no such network.
 */
export async function startTensorFlowWasm(
  networkName: string,
  labelCount: number,
  inputSize: number,
  crops: Uint8Array,
  batchViews: readonly number[],
): Promise<WasmViews | undefined> {
  const network = networkNamed(networkName);
  if (network === undefined || !(await useWasm())) return undefined;
  /** None in a process that trains nothing. */
  const before: string | undefined = getBackend();
  await setBackend('wasm');
  const model = buildModel(network, inputSize, labelCount, 1);
  const views = batchViews.reduce((sum, count) => sum + count, 0);
  return {
    turn: async () => {
      const fromMs = systemClock.monotonicMs();
      let at = 0;
      for (const count of batchViews.filter((each) => each > 0)) {
        const bytes = count * inputSize ** 2 * 3;
        const pixels = Float32Array.from(crops.subarray(at, at + bytes));
        at += bytes;
        tidy(() => {
          const images = tensor(pixels, [count, inputSize, inputSize, 3]);
          return softmax(model.forward(images).logits).dataSync();
        });
      }
      return (views * 1000) / (systemClock.monotonicMs() - fromMs);
    },
    stop: async () => {
      model.dispose();
      if (before !== undefined) await setBackend(before);
    },
  };
}

async function useWasm(): Promise<boolean> {
  try {
    const { setThreadsCount } = await import('@tensorflow/tfjs-backend-wasm');
    setThreadsCount(1);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') return false;
    throw error;
  }
}
