import { AppError, type JobView, type ModelView, type RetrainRequest } from '@pomona/wire';
import { freezingPorts } from '../adapters/dataset/freezing-ports.ts';
import { addRetrainRoutes } from '../adapters/http/retrain-routes.ts';
import { localTraining } from '../adapters/local-training.ts';
import type { SqlModelRegistry } from '../adapters/sql/sql-model-registry.ts';
import { whatThereIs } from '../domain/what-there-is.ts';
import { datasetUnknown } from '../use-cases/dataset-unknown.ts';
import { freezeLabelled } from '../use-cases/freeze-samples.ts';
import { type RetrainJob, retrain, retrainedRollout } from '../use-cases/retrain.ts';
import { RetrainProposals } from '../use-cases/retrain-proposals.ts';
import { trainAndRegister } from '../use-cases/train-and-register.ts';
import type { Feature, FeatureContext } from './feature.ts';
import type { RolloutFeature } from './rollouts.ts';

const defaultModel = 'apples';
const lookMs = 2_000;

/**
 * From labelled fruit to a new model version on the lines: freeze a dataset version, train on it, register the result and
 * roll it out; and a rule that proposes it.
 */
export function startRetraining(
  context: FeatureContext,
  { createRollout, checkStations }: Pick<RolloutFeature, 'createRollout' | 'checkStations'>,
): Feature {
  const { jobs, stores, dataFolder, clock, alerts, logger } = context;
  const training = localTraining(dataFolder, stores, clock, {
    onUnsuited: (error) =>
      logger.warn({ err: error }, 'removed the checkpoint of a retraining, which begins anew'),
  });
  jobs.handle('retrain', (request, run) =>
    retrain(
      {
        ...{ models: stores.models, clock, createRollout },
        train: (wanted, itsRun) => trainAndRegister(training, { ...wanted, resume: true }, itsRun),
      },
      // The queue keeps what `enqueueRetraining` below put in.
      request as unknown as RetrainJob,
      run,
    ),
  );
  const enqueueRetraining = async (request: RetrainRequest, actor: string): Promise<JobView> => {
    const champion = await championOf(stores.models, request.model ?? defaultModel);
    const [name = '', digest = ''] = (
      request.base ?? `${champion.dataset.name}@${champion.dataset.digest}`
    ).split('@');
    const base = await stores.datasets.find(name, digest);
    if (!base) throw datasetUnknown(request.base ?? `${name}@${digest}`, await stores.datasets.list());
    // Whoever misspelt a station hears of it now, and not when hours of training are over.
    if (request.rollout?.query !== undefined) await checkStations(request.rollout.query);
    const { reason } = request;
    // Fruit of another model may have other crops, and is the business of that one's dataset.
    const ofModel = { model: champion.name, ...(reason === undefined ? {} : { reason }) };
    const runsIt = { release: [`${champion.name}@${champion.version}`] };
    const seed = request.seed ?? 1;
    const dataset = await freezeLabelled({ ...freezingPorts(dataFolder, clock), ...stores }, base, {
      ...{ query: ofModel, labelsAt: request.labelsAt, seed },
    });
    const rollout =
      request.rollout && retrainedRollout(request.rollout, runsIt, (await stores.project.read()).targets);
    const job = {
      dataset: { name: dataset.name, digest: dataset.digest },
      name: champion.name,
      network: champion.network,
      seed,
      ...(champion.weightsDigest === undefined
        ? {}
        : { from: { name: champion.name, version: champion.version } }),
      ...(request.epochs === undefined ? {} : { epochs: request.epochs }),
      ...(rollout === undefined ? {} : { rollout }),
    } satisfies RetrainJob;
    return jobs.enqueue({ kind: 'retrain', actor, request: job });
  };
  const proposals = new RetrainProposals({
    ...{ store: stores.proposals, jobs: stores.jobs, samples: stores.samples, project: stores.project },
    ...{ alerts, clock, enqueue: enqueueRetraining },
    async modelsOf(stations) {
      const names = [...stations].filter((station) => station !== null);
      const views = names.length === 0 ? [] : await context.viewStations(names);
      const known = new Map(views.map(({ station, reported }) => [station, reported?.running?.release.name]));
      return new Map(
        [...stations].map((station) => [station, (station && known.get(station)) || defaultModel]),
      );
    },
  });
  let looking: Promise<void> | undefined;
  const timer = setInterval(() => {
    looking ??= proposals
      .look()
      .catch((error: unknown) =>
        logger.error({ err: error }, 'could not look whether to propose a retraining; it is tried again'),
      )
      .finally(() => {
        looking = undefined;
      });
  }, lookMs);
  return {
    addRoutes: (app) => addRetrainRoutes(app, { enqueueRetraining, proposals }),
    async stop() {
      clearInterval(timer);
      await looking;
    },
  };
}

/** The newest version where none was made champion yet. */
async function championOf(
  models: Pick<SqlModelRegistry, 'aliases' | 'find' | 'list'>,
  name: string,
): Promise<ModelView> {
  const champion = (await models.aliases(name)).find(({ alias }) => alias === 'champion');
  const model = await models.find(name, champion?.version);
  if (model) return model;
  throw new AppError('model-unknown', `there is no model ${name} to go on from`, {
    hint: `${whatThereIs((await models.list()).map((each) => each.name))} See all: pomona model list.`,
  });
}
