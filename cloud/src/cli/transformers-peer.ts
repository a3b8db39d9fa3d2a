/** `@huggingface/transformers` as a peer: it is no dependency of ours, and brings an ONNX Runtime of its own, so it gets a process of its own. */
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { systemErrorCode } from '@pomona/wire';
import type { PeerRate } from './bench-grade.ts';

/** Crops of a film's frames, one after the other, and how many are of each frame. */
export interface PeerCrops {
  readonly labels: readonly string[];
  readonly inputSize: number;
  readonly cropsFile: string;
  readonly batchViews: readonly number[];
}

export interface TransformersTurn extends PeerCrops {
  readonly modelFile: string;
  /** The package's main file. */
  readonly entry: string;
}

const packageName = '@huggingface/transformers';
const program = fileURLToPath(new URL('./bench-transformers-main.js', import.meta.url));

/** `folder`: where it was installed; without one it is looked for where Node.js would. */
export async function transformersRate(
  { folder, ...crops }: Omit<TransformersTurn, 'entry'> & { readonly folder: string | undefined },
  signal: AbortSignal,
): Promise<PeerRate> {
  const entry = entryIn(folder ?? process.cwd());
  if (entry === undefined) return { name: notInstalled(folder), viewsPerS: undefined };
  const turn: TransformersTurn = { ...crops, entry };
  const { stdout } = await promisify(execFile)(process.execPath, [program, JSON.stringify(turn)], { signal });
  return JSON.parse(stdout) as PeerRate;
}

function entryIn(folder: string): string | undefined {
  try {
    return createRequire(join(folder, 'any.js')).resolve(packageName);
  } catch (error) {
    if (systemErrorCode(error) === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

function notInstalled(folder = 'DIR'): string {
  return `${packageName}: not installed (npm install --prefix ${folder} ${packageName}, then --transformers ${folder})`;
}
