import { readFile } from 'node:fs/promises';
import { AppError, type ModelView, systemClock } from '@pomona/wire';
import { Command } from 'commander';
import { failedGates } from '../domain/gates.ts';
import { changeAlias } from '../use-cases/change-alias.ts';
import { localActor } from './local-actor.ts';
import { dataOption, integerOption, jsonOption } from './options.ts';
import { createOutput, table } from './output.ts';
import { withRegistry } from './with-registry.ts';

interface ChangeOptions {
  readonly data: string;
  readonly reason: string;
  readonly override?: true;
  readonly json?: true;
}

/** Whoever may write to the data folder may do anything to it. */
const localAdmin = { name: localActor(), isAdmin: true };

function verb(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option(...dataOption)
    .option(...jsonOption);
}

function changing(command: Command): Command {
  return command
    .requiredOption('--reason <text>', 'why; it is kept in the log')
    .option('--override', 'in spite of failed gates, which is logged');
}

export function aliasCommand(): Command {
  return changing(verb('alias', 'point a name such as candidate or champion at a version'))
    .argument('<model>', 'NAME')
    .argument('<alias>', 'lower-case letters, digits and dashes')
    .argument('<version>', 'its number', integerOption(1, 1_000_000_000))
    .action((name: string, alias: string, version: number, options: ChangeOptions) =>
      change(name, alias, version, options),
    );
}

export function promoteCommand(): Command {
  return changing(verb('promote', 'make a version the champion'))
    .argument('<model>', 'NAME@VERSION, or NAME@candidate')
    .action(async (reference: string, options: ChangeOptions) => {
      const model = await withRegistry(options.data, ({ models }) => models.resolve(reference));
      await change(model.name, 'champion', model.version, options);
    });
}

async function change(name: string, alias: string, version: number, options: ChangeOptions): Promise<void> {
  const { data, reason, override } = options;
  const request = { version, reason, ...(override === undefined ? {} : { override }) };
  const aliases = await withRegistry(data, ({ models }) =>
    changeAlias({ models, clock: systemClock }, { name, alias }, request, localAdmin),
  );
  createOutput(options.json === true).report(
    aliases,
    aliases.map((each) => `${name}@${each.alias} is ${name}@${each.version}`).join('\n'),
  );
}

export function logCommand(): Command {
  return verb('log', 'who changed what about a model, newest first')
    .argument('<model>', 'NAME')
    .action(async (name: string, options: ChangeOptions) => {
      const entries = await withRegistry(options.data, ({ models }) => models.log(name));
      const rows = entries.map(({ at, actor, action, reason, detail }) => [
        at,
        actor,
        action,
        reason,
        detail,
      ]);
      const text = rows.length === 0 ? `Nothing was changed about ${name}.` : undefined;
      createOutput(options.json === true).report(
        entries,
        text ?? table(['at', 'by', 'change', 'reason', 'detail'], rows),
      );
    });
}

/** Whether a new version may become champion, and which gates it failed; for whoever made it. */
export function describeVerdict({ name, version, gates = [] }: ModelView): string {
  const of = `${name}@${version}`;
  const failed = failedGates(gates);
  const unjudged = gates.filter(({ verdict }) => verdict === 'insufficient-data').length;
  const lacking = unjudged === 0 ? '' : `, ${unjudged} lack the data for a verdict`;
  if (failed.length === 0) return `gates       none of ${gates.length} failed${lacking}`;
  return [
    `gates       ${failed.length} of ${gates.length} failed${lacking}:`,
    describeGates({ gates: [...failed] }),
    `            ${of} is kept, and goes to no station; \`pomona model show ${of}\` has all gates`,
  ].join('\n');
}

/** The gates as a table; empty for a model from before there were any. */
export function describeGates({ gates = [] }: Pick<ModelView, 'gates'>): string {
  return table(
    ['gate', 'figure', '', 'limit', 'verdict', 'detail'],
    gates.map(({ name, figure, comparison, limit, verdict, detail }) => [
      name,
      figure === null ? '-' : String(Number(figure.toFixed(Math.abs(figure) < 0.001 ? 7 : 4))),
      comparison,
      limit === null ? '-' : String(limit),
      verdict,
      detail,
    ]),
  );
}

/** JSON of a file, for settings that a person wrote. Error: `file-unreadable`. */
export async function readJsonFile(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as unknown;
  } catch (error) {
    throw new AppError('file-unreadable', `cannot read JSON from ${path}`, {
      hint: 'Name a file of JSON.',
      cause: error,
    });
  }
}
