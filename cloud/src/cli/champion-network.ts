import { join } from 'node:path';
import { datasetFolderOf } from '../adapters/dataset/dataset-folder.ts';
import { runTraining } from '../adapters/training-process.ts';
import { demoChampion } from './demo/demo-champion.ts';
import { drawDataset, noDatasets } from './draw-dataset.ts';
import { drawnOnce, keptNetwork } from './keep-network.ts';
import { createOutput } from './output.ts';

export interface ChampionNetwork {
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/** The file of the model that the demo ships, kept in `folder`. */
export function championNetwork({ signal, say }: ChampionNetwork, folder: string): Promise<string> {
  const { network, trainingFruits: fruits, seed } = demoChampion;
  return keptNetwork(folder, `champion-${network}-${fruits}-${seed}`, async (work) => {
    const output = { ...createOutput(true), say };
    const datasetFolder = await drawnOnce(work, async () => {
      const drawn = { dataFolder: work, name: 'orchard', seed, fruits, datasets: noDatasets, output, signal };
      const { name, digest } = await drawDataset(drawn);
      return datasetFolderOf(work, name, digest);
    });
    const outFolder = join(work, 'run');
    await runTraining({
      ...{ datasetFolder, outFolder, network, seed, signal },
      checkpoint: join(work, 'checkpoint'),
      onEvent: (event) => {
        if (event.type === 'epoch' && event.epoch % 6 === 0) say(`  epoch ${event.epoch}/${event.epochs}`);
      },
    });
    return join(outFolder, 'model-fp32.onnx');
  });
}
