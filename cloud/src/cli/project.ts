import { Value } from '@pomona/schema';
import { AppError, ProjectTargets, type ProjectView, systemClock } from '@pomona/wire';
import { Command } from 'commander';
import { defaultTargets, targetChanges } from '../domain/project-targets.ts';
import { setTargets } from '../use-cases/set-targets.ts';
import { localActor } from './local-actor.ts';
import { readJsonFile } from './model-aliases.ts';
import { dataOption, integerOption, jsonOption, pathOption, reasonOption } from './options.ts';
import { createOutput, table } from './output.ts';
import { withRegistry } from './with-registry.ts';

interface ProjectOptions {
  readonly data: string;
  readonly json?: true;
}

export function projectCommand(): Command {
  const show = new Command('show')
    .description('what this project wants of a model')
    .option('--version <number>', 'as it was then; 0 are the defaults', integerOption(0, 999_999_999))
    .option(...dataOption)
    .option(...jsonOption)
    .action(async (options: ProjectOptions & { readonly version?: number }) => {
      const { version } = options;
      const view = await withRegistry(options.data, ({ project }) =>
        version === undefined ? project.read() : project.readVersion(version),
      );
      report(view, options);
    });
  const log = new Command('log')
    .description('who changed which targets, newest first')
    .option(...dataOption)
    .option(...jsonOption)
    .action(async (options: ProjectOptions) => {
      const versions = await withRegistry(options.data, ({ project }) => project.versions());
      createOutput(options.json === true).report(versions, describeLog(versions));
    });
  const set = new Command('set')
    .description('change some targets; the earlier ones stay on record')
    .argument(
      '<file>',
      'JSON with the targets that change, as `show --json` prints them; null unsets one, or a part of it',
      pathOption,
    )
    .option('--reason <text>', 'why, for those who look later', reasonOption)
    .option(...dataOption)
    .option(...jsonOption)
    .action(async (file: string, options: ProjectOptions & { readonly reason?: string }) => {
      const changes = await readJsonFile(file);
      const view = await withRegistry(options.data, async (registry) => {
        const { targets: old, version } = await registry.project.read();
        const targets = checked(patched(old, changes));
        return setTargets(registry, targets, localActor(), systemClock.nowMs(), version, options.reason);
      });
      report(view, options);
    });
  return new Command('project')
    .description('the targets that models are held against')
    .addCommand(show)
    .addCommand(log)
    .addCommand(set);
}

/** As RFC 7396 has it: what is inside of a target changes by itself, and null unsets. */
function patched(old: unknown, changes: unknown): unknown {
  if (!isObject(changes)) return changes;
  const fields = new Map(Object.entries(isObject(old) ? old : {}));
  for (const [name, change] of Object.entries(changes))
    if (change === null) fields.delete(name);
    else fields.set(name, patched(fields.get(name), change));
  return Object.fromEntries(fields);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function checked(targets: unknown): ProjectTargets {
  if (Value.Check(ProjectTargets, targets)) return targets;
  const [first] = Value.Errors(ProjectTargets, targets);
  throw new AppError('bad-request', `targets: ${first?.instancePath ?? ''} ${first?.message ?? ''}`, {
    hint: 'See which there are with `pomona project show --json`.',
  });
}

export function describeLog(versions: readonly ProjectView[]): string {
  if (versions.length === 0) return 'Nobody changed the targets: the defaults hold.';
  const rows = versions.map(({ version, at, actor, reason, targets }, i) => {
    const before = versions[i + 1]?.targets ?? (version === 1 ? defaultTargets : undefined);
    const changes =
      before === undefined
        ? 'what was before is not listed any more'
        : targetChanges(before, targets)
            .map(({ name, from, to }) => `${name} ${told(from)} → ${told(to)}`)
            .join(', ') || 'nothing';
    return [String(version), at ?? '', actor ?? '', reason ?? '-', changes];
  });
  return table(['version', 'at', 'by', 'reason', 'change'], rows);
}

function told(value: unknown): string {
  return value === undefined ? 'unset' : typeof value === 'string' ? value : JSON.stringify(value);
}

function report(view: ProjectView, options: ProjectOptions): void {
  const { targets, version, actor } = view;
  const lines = Object.entries(targets).map(
    ([name, value]) => `  ${name.padEnd(16)} ${typeof value === 'object' ? JSON.stringify(value) : value}`,
  );
  const by = actor === null ? 'defaults' : `version ${version}, by ${actor}`;
  createOutput(options.json === true).report(view, [`targets (${by})`, ...lines].join('\n'));
}
