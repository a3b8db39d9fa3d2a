import { counted, type PruneReport } from '@pomona/wire';
import { Command } from 'commander';
import { dataOption, jsonOption } from './options.ts';
import { createOutput, table } from './output.ts';
import { callServer, type ServerOptions, serverOf, serverOption, tokenOption } from './running-server.ts';

interface PruneOptions extends ServerOptions {
  readonly yes?: true;
  readonly reason: string;
  readonly json?: true;
}

const path = '/v1/models/prune';

export function pruneCommand(): Command {
  return new Command('prune')
    .description(
      'remove versions that nobody needs by the project’s rule; says what it would do unless told --yes',
    )
    .option('--yes', 'do it')
    .option('--reason <text>', 'why; it is kept in the log', 'as the project’s rule says')
    .option(...dataOption)
    .option(...serverOption)
    .option(...tokenOption)
    .option(...jsonOption)
    .action(async (options: PruneOptions) => {
      const server = serverOf(options);
      const report =
        options.yes === true
          ? await callServer<PruneReport>(server, path, { reason: options.reason })
          : await callServer<PruneReport>(server, path);
      createOutput(options.json === true).report(report, describePrune(report));
    });
}

const words = { keep: 'stays', 'drop-files': 'files go, the record stays', remove: 'goes' } as const;

export function describePrune({ done, rule, versions, freedFiles, freedBytes }: PruneReport): string {
  const rows = versions.map(({ name, version, verdict, why }) => [
    `${name}@${version}`,
    words[verdict],
    why.join('; '),
  ]);
  const going = versions.filter(({ verdict }) => verdict !== 'keep').length;
  const megabytes = `${(freedBytes / 1e6).toFixed(1)} MB in ${counted(freedFiles, 'file')}`;
  const said = done ? `freed ${megabytes}` : `would free ${megabytes}: do it with --yes`;
  return [
    `the newest ${rule.keepVersions} of each model stay, and all below ${counted(rule.keepVersionDays, 'day')} (pomona project show)`,
    ...(rows.length === 0 ? [] : [table(['model', '', 'because'], rows)]),
    going === 0 ? 'Nothing to remove.' : `${counted(going, 'version')}, ${said}`,
  ].join('\n');
}
