import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { kthHighestKernel, registerLeanGradients, useOnnxBackend } from '@pomona/onnx-backend';
import { type EngineChoice, systemErrorCode } from '@pomona/wire';
import { getKernel, registerKernel, setBackend, slice, type Tensor, tidy, topk } from '@tensorflow/tfjs-core';
import { trainingError } from '../domain/errors.ts';
import type { Engine } from '../use-cases/engine.ts';
import { plainEngine } from './plain-engine.ts';

/** What computes the steps of a training. */
export interface LearningEngine {
  readonly name: 'onnx' | 'tensorflow';
  /** Beside those of every training, by name. */
  readonly packages: Readonly<Record<string, string>>;
  /** Makes it the current backend. Error: `engine-unusable`. */
  start(): Promise<Engine>;
}

export const onnxEngine: LearningEngine = { name: 'onnx', packages: {}, start: () => useOnnxBackend() };

/** As the package calls the backend that it registers, and all that it needs of this one. */
const backend = 'tensorflow';
/** Who has installed the one for graphics cards wants it. */
const packageNames = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'];

/** `auto` is the engine that every figure of ours was measured with, and that comes to the same on each run. Error: `engine-missing`. */
export function learningEngine(choice: EngineChoice, folder: string): LearningEngine {
  if (choice !== 'tensorflow') return onnxEngine;
  const found = findPackage([join(folder, 'from-here.js'), import.meta.url]);
  if (found === undefined) {
    throw trainingError('engine-missing', `neither ${packageNames.join(' nor ')} is installed for ${folder}`);
  }
  const { name, version, main } = found;
  return {
    name: 'tensorflow',
    packages: { [name]: version },
    start: async () => {
      await load(main, name);
      return plainEngine(backend);
    },
  };
}

interface FoundPackage {
  readonly name: string;
  readonly version: string;
  readonly main: string;
}

/** The first that a module at one of these places would get. */
function findPackage(places: readonly string[]): FoundPackage | undefined {
  for (const name of packageNames) {
    for (const place of places) {
      const require = createRequire(place);
      const description = resolved(require, `${name}/package.json`);
      if (description === undefined) continue;
      const { version } = JSON.parse(readFileSync(description, 'utf8')) as { readonly version: string };
      return { name, version, main: require.resolve(name) };
    }
  }
  return undefined;
}

function resolved(require: NodeJS.Require, name: string): string | undefined {
  try {
    return require.resolve(name);
  } catch (error) {
    if (systemErrorCode(error) === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

/** It brings a TensorFlow.js of its own, whose backends and kernels are registered for the whole process, so for ours too. */
async function load(main: string, name: string): Promise<void> {
  try {
    await import(pathToFileURL(main).href);
    if (!(await setBackend(backend))) throw new Error(`it has no backend called ${backend}`);
  } catch (error) {
    throw trainingError('engine-unusable', `${name} cannot be used: ${(error as Error).message}`, error);
  }
  // It registers TensorFlow.js' own gradients anew.
  registerLeanGradients();
  if (getKernel(kthHighestKernel, backend) !== undefined) return;
  registerKernel({
    ...{ kernelName: kthHighestKernel, backendName: backend },
    // What operations hand to a kernel are tensors, and may be handed on.
    kernelFunc: ({ inputs, attrs }) =>
      tidy(() => kthHighest(inputs as unknown as { x: Tensor }, attrs as unknown as { k: number })),
  });
}

/** [n, cells] → [n, 1] */
function kthHighest({ x }: { readonly x: Tensor }, { k }: { readonly k: number }): Tensor {
  return slice(topk(x, k).values, [0, k - 1], [x.shape[0]!, 1]);
}
