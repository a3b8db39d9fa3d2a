import { trueGrades } from '@pomona/orchard';
import type { ModelView } from '@pomona/wire';
import { calibrateFromTerminal } from './calibrate.ts';
import { importFolder } from './dataset.ts';
import { drawPortraitDataset, portraitSize } from './draw-portraits.ts';
import type { Output } from './output.ts';
import { trainFromTerminal } from './train.ts';
import { withRegistry } from './with-registry.ts';

export interface PortraitModel {
  readonly dataFolder: string;
  readonly portraits: number;
  /** Instead of those of the recipe. */
  readonly epochs?: number;
  /** By grade, or with an index: what the probabilities are fitted to. */
  readonly photographs: string;
  readonly seed: number;
  readonly output: Output;
  readonly signal: AbortSignal;
}

const name = 'portraits';
const actor = 'bench';

/** What a packhouse makes on its first day: `local` learns from drawn portraits, and its probabilities come from photographs. */
export function portraitModel(request: PortraitModel): Promise<ModelView> {
  const { dataFolder, portraits: count, epochs, photographs, seed, output, signal } = request;
  return withRegistry(dataFolder, async (registry) => {
    const { datasets, project, photographs: kept } = registry;
    const dataset = await drawPortraitDataset({ dataFolder, name, seed, count, datasets, output, signal });
    const model = await trainFromTerminal({
      ...{ dataFolder, dataset, name, network: 'local', seed, registry, actor, output, signal },
      ...(epochs === undefined ? {} : { epochs }),
    });
    const real = await importFolder({
      ...{
        dataFolder,
        folder: photographs,
        name: 'photographs',
        labels: trueGrades,
        inputSize: portraitSize,
      },
      ...{ seed, datasets, project, photographs: kept, output, signal },
    });
    return calibrateFromTerminal({ dataFolder, registry, actor, signal, model, dataset: real });
  });
}
