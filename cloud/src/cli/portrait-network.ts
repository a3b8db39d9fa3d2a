import { join } from 'node:path';
import type { Standardise } from '@pomona/wire';
import { runTraining } from '../adapters/training-process.ts';
import { drawPortraits } from './draw-portraits.ts';
import { drawnOnce, keptNetwork } from './keep-network.ts';

export interface PortraitNetworks {
  readonly portraits: number;
  readonly epochs?: number;
  /** What is done to the colours of the portraits. */
  readonly standardise?: Standardise | undefined;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

const network = 'local';
/** Two grades alone: what is between is neither drawn nor asked. */
const labels = ['good', 'bad'] as const;

/** The file of a seed's network, kept in `folder`: the one that is there, or a new one. */
export function portraitNetwork(request: PortraitNetworks, folder: string, seed: number): Promise<string> {
  const { portraits, epochs, signal, say, standardise } = request;
  const made = Object.values(standardise ?? {}).map((way) => `-${way}`);
  return keptNetwork(
    folder,
    `${network}-${portraits}-${epochs ?? 'recipe'}-${seed}${made.join('')}`,
    async (work) => {
      const datasetFolder = await drawnOnce(work, () => drawn(request, work, seed));
      const outFolder = join(work, 'run');
      await runTraining({
        ...{ datasetFolder, outFolder, network, seed, signal },
        ...(epochs === undefined ? {} : { epochs }),
        checkpoint: join(work, 'checkpoint'),
        onEvent: (event) => {
          if (event.type !== 'epoch') return;
          const share = (value: number): string => `${(value * 100).toFixed(1)} %`;
          say(`  epoch ${event.epoch}/${event.epochs}  validation ${share(event.validationAccuracy)}`);
        },
      });
      return join(outFolder, 'model-fp32.onnx');
    },
  );
}

async function drawn(
  { portraits: count, signal, say, standardise }: PortraitNetworks,
  dataFolder: string,
  seed: number,
): Promise<string> {
  const { folder } = await drawPortraits({
    ...{ dataFolder, name: `portraits-${seed}`, seed, count, labels, standardise, signal },
    onProgress: (views) => {
      if (views % 2_000 === 0) say(`  drew ${views} of ${count}`);
    },
  });
  return folder;
}
