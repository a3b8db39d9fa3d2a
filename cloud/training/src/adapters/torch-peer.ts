import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('../../bench/torch-train.py', import.meta.url));

export interface TorchPeer {
  readonly version: string;
  /** Images per second over so many seconds of training. */
  measure(seconds: number): Promise<number>;
  stop(): void;
}

/** PyTorch in a process of its own that waits between its turns; undefined where no python3 has torch. */
export async function startTorchPeer(settings: object): Promise<TorchPeer | undefined> {
  const python = pythonWithTorch();
  if (!python) return undefined;
  const child = spawn(python, [script, JSON.stringify(settings)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const answers = answersOf(child);
  const { version } = (await answers()) as { version: string };
  return {
    version,
    measure: async (seconds) => {
      child.stdin.write(`${seconds}\n`);
      return ((await answers()) as { imagesPerSecond: number }).imagesPerSecond;
    },
    stop: () => {
      child.stdin.end();
    },
  };
}

function pythonWithTorch(): string | undefined {
  return ['python3', '/usr/bin/python3'].find((each) => spawnSync(each, ['-c', 'import torch']).status === 0);
}

function answersOf(child: ChildProcess): () => Promise<unknown> {
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  return async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error('the PyTorch process ended before its answer');
    return JSON.parse(value);
  };
}
