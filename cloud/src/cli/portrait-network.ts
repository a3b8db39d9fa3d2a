import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runTraining } from '../adapters/training-process.ts';
import { drawPortraits } from './draw-portraits.ts';

export interface PortraitNetworks {
  readonly portraits: number;
  readonly epochs?: number;
  /** Keeps the network of every seed here, and what it is made from until it is there; one that is there is not trained again. */
  readonly models?: string;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

const network = 'compact';
/** Two grades alone: what is between is neither drawn nor asked. */
const labels = ['good', 'bad'] as const;

/** The file of a seed's network: the one that was kept, or a new one. */
export async function portraitNetwork(
  request: PortraitNetworks,
  folder: string,
  seed: number,
): Promise<string> {
  const { models, portraits, epochs } = request;
  if (models === undefined)
    return trained(request, await drawn(request, folder, seed), join(folder, `run-${seed}`), seed);
  const name = `${network}-${portraits}-${epochs ?? 'recipe'}-${seed}`;
  const kept = join(models, `${name}.onnx`);
  if (existsSync(kept)) return kept;
  const work = join(models, name);
  await mkdir(work, { recursive: true });
  const datasetFolder = await drawnBefore(request, work, seed);
  const checkpoint = join(work, 'checkpoint');
  await copyFile(await trained(request, datasetFolder, join(work, 'run'), seed, checkpoint), `${kept}.part`);
  await rename(`${kept}.part`, kept);
  await rm(work, { recursive: true });
  return kept;
}

async function drawnBefore(request: PortraitNetworks, work: string, seed: number): Promise<string> {
  const note = join(work, 'drawn.txt');
  if (existsSync(note)) return readFile(note, 'utf8');
  const folder = await drawn(request, work, seed);
  await writeFile(`${note}.part`, folder);
  await rename(`${note}.part`, note);
  return folder;
}

async function drawn(
  { portraits: count, signal, say }: PortraitNetworks,
  dataFolder: string,
  seed: number,
): Promise<string> {
  const { folder } = await drawPortraits({
    ...{ dataFolder, name: `portraits-${seed}`, seed, count, labels, signal },
    onProgress: (views) => {
      if (views % 2_000 === 0) say(`  drew ${views} of ${count}`);
    },
  });
  return folder;
}

async function trained(
  { epochs, signal, say }: PortraitNetworks,
  datasetFolder: string,
  outFolder: string,
  seed: number,
  checkpoint?: string,
): Promise<string> {
  await runTraining({
    ...{ datasetFolder, outFolder, network, seed, signal },
    ...(epochs === undefined ? {} : { epochs }),
    ...(checkpoint === undefined ? {} : { checkpoint }),
    onEvent: (event) => {
      if (event.type !== 'epoch') return;
      const share = (value: number): string => `${(value * 100).toFixed(1)} %`;
      say(`  epoch ${event.epoch}/${event.epochs}  validation ${share(event.validationAccuracy)}`);
    },
  });
  return join(outFolder, 'model-fp32.onnx');
}
