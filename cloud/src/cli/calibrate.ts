import { systemClock } from '@pomona/wire';
import { Command } from 'commander';
import { localTraining } from '../adapters/local-training.ts';
import { calibrate } from '../use-cases/calibrate.ts';
import { runNewJob } from '../use-cases/run-job.ts';
import { describeCalibration } from './describe-calibration.ts';
import { describeEvaluation } from './describe-evaluation.ts';
import { findDataset } from './find-dataset.ts';
import { interruptSignal } from './interrupt.ts';
import { dataOption, jsonOption } from './options.ts';
import { createOutput } from './output.ts';
import { withRegistry } from './with-registry.ts';

interface CalibrateOptions {
  readonly data: string;
  readonly dataset: string;
  readonly json?: true;
}

export function calibrateCommand(): Command {
  return new Command('calibrate')
    .description('fit the probabilities of a model to photographs, as a new version with the same network')
    .argument('<model>', 'NAME for the newest, NAME@VERSION or NAME@ALIAS')
    .requiredOption('--dataset <dataset>', 'the photographs: NAME for the newest version, or NAME@DIGEST')
    .option(...dataOption)
    .option(...jsonOption)
    .action(async (reference: string, options: CalibrateOptions) => {
      const output = createOutput(options.json === true);
      const interrupt = interruptSignal();
      try {
        const model = await withRegistry(options.data, async (registry) => {
          const { name, version } = await registry.models.resolve(reference);
          const { name: dataset, digest } = await findDataset(registry.datasets, options.dataset);
          const request = { model: { name, version }, dataset: { name: dataset, digest } };
          return runNewJob(
            { jobs: registry.jobs, clock: systemClock },
            { kind: 'calibrate', actor: 'local', request },
            interrupt.signal,
            (run) => calibrate(localTraining(options.data, registry, systemClock), request, run),
          );
        });
        output.report(
          model,
          [
            `${model.name}@${model.version}  ${model.digest}`,
            ...describeCalibration(model),
            describeEvaluation(model),
          ].join('\n'),
        );
      } finally {
        interrupt.dispose();
      }
    });
}
