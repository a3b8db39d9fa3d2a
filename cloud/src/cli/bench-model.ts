import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError, type ModelView } from '@pomona/wire';
import { datasetFolderOf } from '../adapters/dataset/dataset-folder.ts';
import { readTrainingArtifacts } from '../adapters/training-artifacts.ts';
import type { TrainingArtifacts } from '../use-cases/build-release.ts';
import { drawDataset } from './draw-dataset.ts';
import { interruptSignal } from './interrupt.ts';
import type { Output } from './output.ts';
import { trainAndRegister } from './train.ts';
import { withRegistry } from './with-registry.ts';

export interface BenchModel {
  readonly artifacts: TrainingArtifacts;
  /** Where the files of the run are. */
  readonly runFolder: string;
  readonly datasetFolder: string;
}

const fruits = 600;
const epochs = 6;
const seed = 1;

/**
 * Hands the newest quantized model of a data folder to `use`; without a folder, one that is trained on some drawn apples
 * for it and thrown away. Error: `model-unknown`.
 */
export async function withBenchModel<T>(
  data: string | undefined,
  output: Output,
  use: (model: BenchModel) => Promise<T>,
): Promise<T> {
  if (data !== undefined) return use(await newestModel(data));
  const folder = await mkdtemp(join(tmpdir(), 'pomona-bench-'));
  const interrupt = interruptSignal();
  try {
    const { signal } = interrupt;
    const model = await withRegistry(folder, async ({ datasets, models }) => {
      const dataset = await drawDataset({
        ...{ dataFolder: folder, name: 'bench', seed, fruits, datasets, output, signal },
      });
      return trainAndRegister({
        ...{ dataFolder: folder, dataset, modelName: 'bench', network: 'sequential', seed, epochs },
        ...{ models, output, signal },
      });
    });
    return await use(await filesOf(folder, model));
  } finally {
    interrupt.dispose();
    await rm(folder, { recursive: true, force: true });
  }
}

async function newestModel(data: string): Promise<BenchModel> {
  const models = await withRegistry(data, (registry) => registry.models.list());
  const [newest] = models
    .filter(({ variants }) => variants !== undefined)
    .sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  if (newest !== undefined) return filesOf(data, newest);
  throw new AppError('model-unknown', `there is no quantized model in ${data}`, {
    hint: 'Train one with `pomona train`, or leave out --data.',
  });
}

async function filesOf(data: string, { name, version, dataset }: ModelView): Promise<BenchModel> {
  const runFolder = join(data, 'runs', `${name}-${version}`);
  return {
    artifacts: await readTrainingArtifacts(runFolder),
    runFolder,
    datasetFolder: datasetFolderOf(data, dataset.name, dataset.digest),
  };
}
