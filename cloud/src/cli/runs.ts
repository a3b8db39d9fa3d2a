import { systemClock, TrainingRunKind, type TrainingRunSummary } from '@pomona/wire';
import { Command, Option } from 'commander';
import { localTraining } from '../adapters/local-training.ts';
import { runFiles } from '../adapters/run-files.ts';
import { compareRuns } from '../domain/compare-runs.ts';
import { listRuns, readRun } from '../use-cases/read-runs.ts';
import { reproduceRun } from '../use-cases/reproduce-run.ts';
import { failDeadJobs, runNewJob } from '../use-cases/run-job.ts';
import { describeRun, describeRunComparison } from './describe-run.ts';
import { interruptSignal } from './interrupt.ts';
import { localActor } from './local-actor.ts';
import { dataOption, integerOption, jsonOption } from './options.ts';
import { createOutput, table } from './output.ts';
import { createTrainingBar } from './training-bar.ts';
import { type Registry, withRegistry } from './with-registry.ts';

interface RunsOptions {
  readonly data: string;
  readonly json?: true;
  readonly kind?: TrainingRunKind;
  readonly all?: true;
}

const runOption = integerOption(1, Number.MAX_SAFE_INTEGER);

export function runsCommand(): Command {
  return new Command('runs')
    .description('trainings as they were: data, code, parameters, environment, curves, figures, files')
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(compareCommand())
    .addCommand(reproduceCommand());
}

/** The registry, in which a run whose process was killed does not go on for ever. */
function withRuns<T>(data: string, use: (registry: Registry) => Promise<T>): Promise<T> {
  return withRegistry(data, async (registry) => {
    await failDeadJobs({ jobs: registry.jobs, clock: systemClock });
    return use(registry);
  });
}

function listCommand(): Command {
  return new Command('list')
    .description('the newest 200 runs, newest first; also trials of tune, and those that failed')
    .addOption(new Option('--kind <kind>', 'of one kind').choices([...TrainingRunKind.enum]))
    .option(...dataOption)
    .option(...jsonOption)
    .action(async ({ data, json, kind }: RunsOptions) => {
      const runs = await withRuns(data, (registry) => listRuns(registry, kind));
      createOutput(json === true).report(runs, describeRuns(runs));
    });
}

function showCommand(): Command {
  return new Command('show')
    .description('all that is kept of a run')
    .argument('<run>', 'its number', runOption)
    .option(...dataOption)
    .option(...jsonOption)
    .action(async (id: number, { data, json }: RunsOptions) => {
      const run = await withRuns(data, (registry) => readRun(registry, id));
      createOutput(json === true).report(run, describeRun(run));
    });
}

function compareCommand(): Command {
  return new Command('compare')
    .description('data, code, environment, parameters and figures of two runs side by side')
    .argument('<first>', 'number of a run', runOption)
    .argument('<second>', 'number of another', runOption)
    .option('--all', 'also what is the same in both')
    .option(...dataOption)
    .option(...jsonOption)
    .action(async (first: number, second: number, { data, json, all }: RunsOptions) => {
      const comparison = await withRuns(data, async (registry) =>
        compareRuns(await readRun(registry, first), await readRun(registry, second)),
      );
      createOutput(json === true).report(comparison, describeRunComparison(comparison, all === true));
    });
}

function reproduceCommand(): Command {
  return new Command('reproduce')
    .description('train again from the record of a run; 0 when it comes to the same digest, else 1')
    .argument('<run>', 'its number', runOption)
    .option(...dataOption)
    .option(...jsonOption)
    .action(async (id: number, { data, json }: RunsOptions) => {
      const output = createOutput(json === true);
      const interrupt = interruptSignal();
      const bar = createTrainingBar(output);
      try {
        const result = await withRegistry(data, async (registry) => {
          await readRun(registry, id);
          const { trainer } = localTraining(data, registry, systemClock);
          return runNewJob(
            { jobs: registry.jobs, clock: systemClock },
            { kind: 'reproduce', actor: localActor(), request: { run: id } },
            interrupt.signal,
            (job) => {
              const onEvent: typeof job.onEvent = (event) => {
                job.onEvent(event);
                bar.onEvent(event);
              };
              return reproduceRun(
                { ...registry, trainer, files: runFiles(data) },
                { run: id },
                { ...job, onEvent },
              );
            },
          );
        });
        bar.stop();
        const { verdict, why, again, comparison } = result;
        const head = `run ${id}${again === null ? '' : ` against run ${again}`}: ${verdict}, ${why}`;
        const isToSee = verdict === 'different' && comparison !== null;
        output.report(result, isToSee ? `${head}\n\n${describeRunComparison(comparison, false)}` : head);
        if (verdict !== 'same') process.exitCode = 1;
      } finally {
        bar.stop();
        interrupt.dispose();
      }
    });
}

function describeRuns(runs: readonly TrainingRunSummary[]): string {
  if (runs.length === 0) return 'No run yet: train with `pomona train` or `pomona tune`.';
  return table(
    [
      'run',
      'kind',
      'state',
      'dataset',
      'network',
      'seed',
      'epochs',
      'macro-F1 %',
      'model',
      'digest',
      'started',
    ],
    runs.map((run) => [
      ...[run.id, run.kind, run.state, `${run.dataset.name}@${run.dataset.digest.slice(0, 8)}`, run.network],
      ...[run.seed, run.epochs, run.macroF1 === null ? '-' : (run.macroF1 * 100).toFixed(1)],
      run.model === null ? '-' : `${run.model.name}@${run.model.version}`,
      ...[run.digest?.slice(0, 12) ?? (run.error ?? '-').slice(0, 40), run.startedAt],
    ]),
  );
}
