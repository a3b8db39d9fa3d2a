import { Value } from '@pomona/schema';
import { AppError, ProjectTargets, type ProjectView, systemClock } from '@pomona/wire';
import { Command } from 'commander';
import { localActor } from './local-actor.ts';
import { readJsonFile } from './model-aliases.ts';
import { dataOption, jsonOption, pathOption } from './options.ts';
import { createOutput } from './output.ts';
import { withRegistry } from './with-registry.ts';

interface ProjectOptions {
  readonly data: string;
  readonly json?: true;
}

export function projectCommand(): Command {
  const show = new Command('show')
    .description('what this project wants of a model')
    .option(...dataOption)
    .option(...jsonOption)
    .action(async (options: ProjectOptions) => {
      report(await withRegistry(options.data, ({ project }) => project.read()), options);
    });
  const set = new Command('set')
    .description('change some targets; the earlier ones stay on record')
    .argument('<file>', 'JSON with the targets that change, as `show --json` prints them', pathOption)
    .option(...dataOption)
    .option(...jsonOption)
    .action(async (file: string, options: ProjectOptions) => {
      const changes = await readJsonFile(file);
      const view = await withRegistry(options.data, async ({ project }) => {
        const { targets: old } = await project.read();
        const changed = { ...old, ...Object(changes) };
        // A file that names one limit changes that one.
        const limits = { ...old.imageLimits, ...Object(changed.imageLimits) };
        return project.write(checked({ ...changed, imageLimits: limits }), localActor(), systemClock.nowMs());
      });
      report(view, options);
    });
  return new Command('project')
    .description('the targets that models are held against')
    .addCommand(show)
    .addCommand(set);
}

function checked(targets: unknown): ProjectTargets {
  if (Value.Check(ProjectTargets, targets)) return targets;
  const [first] = Value.Errors(ProjectTargets, targets);
  throw new AppError('bad-request', `targets: ${first?.instancePath ?? ''} ${first?.message ?? ''}`, {
    hint: 'See which there are with `pomona project show --json`.',
  });
}

function report(view: ProjectView, options: ProjectOptions): void {
  const { targets, version, actor } = view;
  const lines = Object.entries(targets).map(
    ([name, value]) => `  ${name.padEnd(16)} ${typeof value === 'object' ? JSON.stringify(value) : value}`,
  );
  const by = actor === null ? 'defaults' : `version ${version}, by ${actor}`;
  createOutput(options.json === true).report(view, [`targets (${by})`, ...lines].join('\n'));
}
