import { type ModelView, systemClock } from '@pomona/wire';
import { Command } from 'commander';
import { localTraining } from '../adapters/local-training.ts';
import { type CalibrationRequest, calibrate } from '../use-cases/calibrate.ts';
import { runNewJob } from '../use-cases/run-job.ts';
import { describeCalibration } from './describe-calibration.ts';
import { describeEvaluation } from './describe-evaluation.ts';
import { findDataset } from './find-dataset.ts';
import { interruptSignal } from './interrupt.ts';
import { localActor } from './local-actor.ts';
import { describeVerdict } from './model-aliases.ts';
import { dataOption, jsonOption } from './options.ts';
import { createOutput } from './output.ts';
import { type Registry, withRegistry } from './with-registry.ts';

interface CalibrateOptions {
  readonly data: string;
  readonly dataset: string;
  readonly reason?: string;
  readonly json?: true;
}

export function calibrateCommand(): Command {
  return new Command('calibrate')
    .description('fit the probabilities of a model to photographs, as a new version with the same network')
    .argument('<model>', 'NAME for the newest, NAME@VERSION or NAME@ALIAS')
    .requiredOption('--dataset <dataset>', 'the photographs: NAME for the newest version, or NAME@DIGEST')
    .option('--reason <text>', 'why; it is kept in the log of the model')
    .option(...dataOption)
    .option(...jsonOption)
    .action(async (reference: string, options: CalibrateOptions) => {
      const output = createOutput(options.json === true);
      const interrupt = interruptSignal();
      try {
        const { reason } = options;
        const model = await withRegistry(options.data, async (registry) =>
          calibrateFromTerminal({
            ...{ dataFolder: options.data, registry, actor: localActor(), signal: interrupt.signal },
            ...(reason === undefined ? {} : { reason }),
            model: await registry.models.resolve(reference),
            dataset: await findDataset(registry.datasets, options.dataset),
          }),
        );
        output.report(
          model,
          [
            `${model.name}@${model.version}  ${model.digest}`,
            ...describeCalibration(model),
            describeEvaluation(model),
            describeVerdict(model),
          ].join('\n'),
        );
      } finally {
        interrupt.dispose();
      }
    });
}

export interface CalibrateFromTerminal extends CalibrationRequest {
  readonly dataFolder: string;
  readonly actor: string;
  readonly registry: Pick<Registry, 'models' | 'jobs' | 'project' | 'trainingRuns'>;
  readonly signal: AbortSignal;
}

/** As a job of this process. */
export function calibrateFromTerminal(given: CalibrateFromTerminal): Promise<ModelView> {
  const { dataFolder, actor, registry, signal } = given;
  const { name, version } = given.model;
  const { name: dataset, digest } = given.dataset;
  const { reason } = given;
  const request = {
    ...{ model: { name, version }, dataset: { name: dataset, digest } },
    ...(reason === undefined ? {} : { reason }),
  };
  return runNewJob(
    { jobs: registry.jobs, clock: systemClock },
    { kind: 'calibrate', actor, request },
    signal,
    (run) => calibrate(localTraining(dataFolder, registry, systemClock), request, run),
  );
}
