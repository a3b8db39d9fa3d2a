import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, type JobView, type ModelView, type RetrainRequest } from '@pomona/wire';
import {
  DatasetFolderStore,
  datasetFolderOf,
  readDataset,
  readDefectMaps,
} from '../adapters/dataset/dataset-folder.ts';
import { addRetrainRoutes } from '../adapters/http/retrain-routes.ts';
import { localTraining } from '../adapters/local-training.ts';
import type { SqlModelRegistry } from '../adapters/sql/sql-model-registry.ts';
import { freezeSamples } from '../use-cases/freeze-samples.ts';
import { type TrainAndRegisterRequest, trainAndRegister } from '../use-cases/train-and-register.ts';
import type { Feature, FeatureContext } from './feature.ts';

const samplesMax = 1_000;

/** From labelled fruit to a new model version: freeze a dataset version, train on it, register the result. */
export function startRetraining({ jobs, stores, dataFolder, clock }: FeatureContext): Feature {
  const training = localTraining(dataFolder, stores, clock);
  jobs.handle('retrain', (request, run) =>
    // The queue keeps what `enqueueRetraining` below put in.
    trainAndRegister(training, request as unknown as TrainAndRegisterRequest, run),
  );
  const freezePorts = {
    store: new DatasetFolderStore(dataFolder),
    clock,
    readBase: async ({ name, digest }: { readonly name: string; readonly digest: string }) => {
      const folder = datasetFolderOf(dataFolder, name, digest);
      const { file, crops } = await readDataset(folder);
      return { file, crops, maps: file.defectCells === undefined ? undefined : await readDefectMaps(folder) };
    },
    readPixels: ({ pixels }: { readonly pixels: string }) => readFile(join(dataFolder, 'blobs', pixels)),
  };

  const enqueueRetraining = async (request: RetrainRequest, actor: string): Promise<JobView> => {
    const champion = await championOf(stores.models, request.model ?? 'apples');
    const [name = '', digest = ''] = (
      request.base ?? `${champion.dataset.name}@${champion.dataset.digest}`
    ).split('@');
    const base = await stores.datasets.find(name, digest);
    if (!base)
      throw new AppError('dataset-unknown', `there is no dataset ${name}@${digest}`, {
        hint: 'See the list: pomona dataset list.',
      });
    const samples = await stores.samples.list({
      state: 'labelled',
      limit: samplesMax,
      ...(request.reason === undefined ? {} : { reason: request.reason }),
    });
    const seed = request.seed ?? 1;
    const dataset = await freezeSamples(freezePorts, base, samples, seed);
    await stores.datasets.save(dataset);
    const job = {
      dataset: { name: dataset.name, digest: dataset.digest },
      name: champion.name,
      network: champion.network,
      seed,
      ...(champion.weightsDigest === undefined
        ? {}
        : { from: { name: champion.name, version: champion.version } }),
      ...(request.epochs === undefined ? {} : { epochs: request.epochs }),
    } satisfies TrainAndRegisterRequest;
    return jobs.enqueue({ kind: 'retrain', actor, request: job });
  };
  return { addRoutes: (app) => addRetrainRoutes(app, { enqueueRetraining }) };
}

/** The newest version where none was made champion yet. */
async function championOf(
  models: Pick<SqlModelRegistry, 'aliases' | 'find'>,
  name: string,
): Promise<ModelView> {
  const champion = (await models.aliases(name)).find(({ alias }) => alias === 'champion');
  const model = await models.find(name, champion?.version);
  if (model) return model;
  throw new AppError('model-unknown', `there is no model ${name} to go on from`, {
    hint: 'See the list: pomona model list.',
  });
}
