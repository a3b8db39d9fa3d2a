import { networkNames } from '@pomona/catalog';
import {
  counted,
  type EvaluatedSplit,
  LeaveOutBy,
  type LeaveOutReport,
  type ModelEvaluation,
  systemClock,
} from '@pomona/wire';
import { Command, Option } from 'commander';
import { datasetFolderOf, readDatasetFile } from '../adapters/dataset/dataset-folder.ts';
import { imagesIn } from '../adapters/dataset/read-images.ts';
import { leaveOutPorts } from '../adapters/leave-out-ports.ts';
import { localTraining } from '../adapters/local-training.ts';
import { evaluateModel } from '../use-cases/evaluate-model.ts';
import { leaveOut } from '../use-cases/leave-out.ts';
import { defaultBudgetMinutes, defaultFolds, leaveOutRequestOf } from '../use-cases/leave-out-request.ts';
import { runNewJob } from '../use-cases/run-job.ts';
import { describeLeaveOut, describeModelEvaluation } from './describe-left-out.ts';
import { findDataset } from './find-dataset.ts';
import { interruptSignal } from './interrupt.ts';
import { localActor } from './local-actor.ts';
import { dataOption, integerOption, jsonOption, numberOption } from './options.ts';
import { createOutput, type Output } from './output.ts';
import { createTrainingBar } from './training-bar.ts';
import { type Registry, withRegistry } from './with-registry.ts';

interface EvaluateOptions {
  readonly data: string;
  readonly dataset?: string;
  readonly split: EvaluatedSplit;
  readonly leaveOut?: LeaveOutBy;
  readonly network?: string;
  readonly epochs?: number;
  readonly seed?: number;
  readonly folds: number;
  readonly budgetMinutes: number;
  readonly anew?: true;
  readonly json?: true;
}

export function evaluateCommand(): Command {
  return new Command('evaluate')
    .description(
      'judge a version on any dataset version; or, with --leave-out, its way of training on groups that it never saw',
    )
    .argument('[model]', 'NAME for the newest, NAME@VERSION or NAME@ALIAS')
    .option(
      '--dataset <dataset>',
      'NAME for the newest version, or NAME@DIGEST; that of the model unless given',
    )
    .addOption(
      new Option('--split <split>', 'which images')
        .choices(['train', 'validation', 'test', 'all'])
        .default('test'),
    )
    .addOption(
      new Option('--leave-out <by>', 'train once without each session (variety, …), and judge on it').choices(
        [...LeaveOutBy.enum],
      ),
    )
    .addOption(
      new Option('--network <name>', 'to train; that of the model unless given').choices([...networkNames]),
    )
    .option('--epochs <number>', 'of each training; as of the model unless given', integerOption(1, 10_000))
    .option('--seed <number>', 'of each training; as of the model, or 1', integerOption(0, 2 ** 31))
    .option('--folds <number>', 'leave out at most so many, the largest', integerOption(1, 200), defaultFolds)
    .option(
      '--budget-minutes <number>',
      'begin no training after this time',
      numberOption(0.01, 10_000),
      defaultBudgetMinutes,
    )
    .option('--anew', 'train again also what was trained before with the same inputs')
    .option(...dataOption)
    .option(...jsonOption)
    .action(async (reference: string | undefined, options: EvaluateOptions, command: Command) => {
      if (reference === undefined && (options.leaveOut === undefined || options.dataset === undefined))
        command.error('error: name a model, or --leave-out and --dataset');
      const output = createOutput(options.json === true);
      const interrupt = interruptSignal();
      try {
        await withRegistry(options.data, async (registry) => {
          if (options.leaveOut === undefined) {
            const result = await judge(registry, reference!, options, interrupt.signal);
            output.report(result, describeModelEvaluation(result));
            return;
          }
          const by = options.leaveOut;
          const report = await leaveOutFrom(
            registry,
            reference,
            { ...options, by },
            output,
            interrupt.signal,
          );
          output.report(report, describeLeaveOut(report));
        });
      } finally {
        interrupt.dispose();
      }
    });
}

async function judge(
  registry: Registry,
  reference: string,
  { data, dataset, split }: EvaluateOptions,
  signal: AbortSignal,
): Promise<ModelEvaluation> {
  const { name, version, dataset: own } = await registry.models.resolve(reference);
  const view = await findDataset(registry.datasets, dataset ?? `${own.name}@${own.digest}`);
  const request = {
    model: { name, version },
    dataset: { name: view.name, digest: view.digest },
    split,
  };
  const { trainer } = localTraining(data, registry, systemClock);
  return runNewJob(
    { jobs: registry.jobs, clock: systemClock },
    { kind: 'evaluate', actor: localActor(), request },
    signal,
    (run) =>
      evaluateModel(
        { models: registry.models, project: registry.project, trainer, readImages: imagesIn(data) },
        request,
        run,
      ),
  );
}

async function leaveOutFrom(
  registry: Registry,
  reference: string | undefined,
  { data, by, ...options }: EvaluateOptions & { readonly by: LeaveOutBy },
  output: Output,
  signal: AbortSignal,
): Promise<LeaveOutReport> {
  const model = reference === undefined ? undefined : await registry.models.resolve(reference);
  const own = model && `${model.dataset.name}@${model.dataset.digest}`;
  const { name, digest } = await findDataset(registry.datasets, options.dataset ?? own!);
  const file = await readDatasetFile(datasetFolderOf(data, name, digest));
  const { network, epochs, seed, folds, budgetMinutes, anew = false } = options;
  const order = {
    ...{ by, folds, budgetMinutes, anew },
    ...(network === undefined ? {} : { network }),
    ...(epochs === undefined ? {} : { epochs }),
    ...(seed === undefined ? {} : { seed }),
  };
  const request = await leaveOutRequestOf(registry.models, order, model);
  const { trainer } = localTraining(data, registry, systemClock);
  const ports = await leaveOutPorts(data, registry, trainer, systemClock);
  const bar = createTrainingBar(output);
  const watcher = {
    onEvent: bar.onEvent,
    onFold: (
      { value, images }: { readonly value: string; readonly images: number },
      at: number,
      count: number,
    ) =>
      output.say(`${at + 1} of ${count}: without ${value}, then judged on its ${counted(images, 'image')}`),
  };
  try {
    return await runNewJob(
      { jobs: registry.jobs, clock: systemClock },
      { kind: 'evaluate', actor: localActor(), request: { ...request, dataset: { name, digest } } },
      signal,
      (run) => leaveOut(ports, file, request, run, watcher),
    );
  } finally {
    bar.stop();
  }
}
