/** `@huggingface/transformers` as a peer: it is no dependency of ours, and brings an ONNX Runtime of its own, so it gets a process of its own. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemErrorCode } from '@pomona/wire';
import { startTurnTaker, type TurnTaker } from './turn-taker.ts';

/** Square pictures of fruit, RGB, one after the other, and how long the sides are of those of each frame, pixels. */
export interface PeerPictures {
  readonly file: string;
  readonly sides: readonly (readonly number[])[];
}

export interface TransformersRequest {
  readonly modelFile: string;
  readonly labels: readonly string[];
  readonly inputSize: number;
  readonly pictures: PeerPictures;
  /** The package's main file. */
  readonly entry: string;
}

export const transformersName = '@huggingface/transformers';
const program = fileURLToPath(new URL('./bench-transformers-main.js', import.meta.url));

/** `folder`: where it was installed; without one it is looked for where Node.js would. Undefined where it is not. */
export function startTransformers(
  folder: string | undefined,
  request: Omit<TransformersRequest, 'entry'>,
  signal: AbortSignal,
): TurnTaker | undefined {
  const entry = entryIn(folder ?? process.cwd());
  if (entry === undefined) return undefined;
  // What resizes pictures would do so with as many as there are cores.
  const oneThread = { UV_THREADPOOL_SIZE: '1', VIPS_CONCURRENCY: '1' };
  return startTurnTaker([program, JSON.stringify({ ...request, entry })], signal, oneThread);
}

/** What stands in the place of a figure. Its library for the CPU and that of `sharp` come as packages: no script of an installation is needed. */
export function howToInstall(folder = 'DIR'): string {
  const install = `npm install --ignore-scripts --prefix ${folder} ${transformersName}`;
  return `${transformersName}: not installed (${install}, then --transformers ${folder})`;
}

function entryIn(folder: string): string | undefined {
  try {
    return createRequire(join(folder, 'any.js')).resolve(transformersName);
  } catch (error) {
    if (systemErrorCode(error) === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}
