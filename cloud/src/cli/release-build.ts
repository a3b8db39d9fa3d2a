import { systemClock } from '@pomona/wire';
import { Command } from 'commander';
import { localTraining } from '../adapters/local-training.ts';
import { rebuildRelease } from '../use-cases/rebuild-release.ts';
import { runNewJob } from '../use-cases/run-job.ts';
import { describeModel } from './describe-model.ts';
import { interruptSignal } from './interrupt.ts';
import { localActor } from './local-actor.ts';
import { dataOption, jsonOption } from './options.ts';
import { createOutput } from './output.ts';
import { withRegistry } from './with-registry.ts';

interface BuildOptions {
  readonly data: string;
  readonly reason?: string;
  readonly json?: true;
}

export function buildCommand(): Command {
  return new Command('build')
    .description(
      'export, quantize, judge and sign what a version learnt once more, as a new version: after an update of Pomona, or of the project’s targets',
    )
    .argument('<model>', 'NAME for the newest, NAME@VERSION or NAME@ALIAS')
    .option('--reason <text>', 'why; it is kept in the log of the model')
    .option(...dataOption)
    .option(...jsonOption)
    .action(async (reference: string, { data, json, reason }: BuildOptions) => {
      const output = createOutput(json === true);
      const interrupt = interruptSignal();
      try {
        const model = await withRegistry(data, async (registry) => {
          const { name, version } = await registry.models.resolve(reference);
          output.say(`building ${name}@${version} anew`);
          return runNewJob(
            { jobs: registry.jobs, clock: systemClock },
            { kind: 'train', actor: localActor(), request: { build: { name, version } } },
            interrupt.signal,
            (run) =>
              rebuildRelease(localTraining(data, registry, systemClock), { name, version }, run, reason),
          );
        });
        output.report(model, describeModel(model));
      } finally {
        interrupt.dispose();
      }
    });
}
