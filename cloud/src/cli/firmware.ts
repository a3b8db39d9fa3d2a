import { chmod, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  type BoardName,
  boardNames,
  buildBundle,
  hashPin,
  type OperatorPageConfig,
  readClaimFile,
  stationFileSchema,
} from '@pomona/firmware-config';
import { makeFolder } from '@pomona/release';
import { AppError, type StationAddress, systemClock, systemErrorCode } from '@pomona/wire';
import { Command, Option } from 'commander';
import { integerOption, jsonOption, pathOption } from './options.ts';
import { createOutput } from './output.ts';
import { placeOption } from './station.ts';

interface BuildOptions {
  readonly profile: BoardName;
  readonly station: StationAddress;
  readonly claim: string;
  readonly out: string;
  readonly sshKey?: string;
  readonly timezone?: string;
  readonly page?: string;
  readonly pagePort?: number;
  readonly pagePin?: string;
  readonly pageWatching?: OperatorPageConfig['watching'];
  readonly json?: true;
}

export function firmwareCommand(): Command {
  return new Command('firmware')
    .description('what a board needs to become a station')
    .addCommand(schemaCommand())
    .addCommand(buildCommand());
}

function schemaCommand(): Command {
  return new Command('schema')
    .description('the JSON Schema of a station’s configuration, for editors and other programs')
    .action(() => {
      process.stdout.write(`${JSON.stringify(stationFileSchema(), null, 2)}\n`);
    });
}

function buildCommand(): Command {
  return (
    new Command('build')
      .description('write the files that set up a board: cloud-init, boot, service, configuration, claim')
      .addOption(
        new Option('--profile <board>', 'the kind of board').choices(boardNames).makeOptionMandatory(),
      )
      .requiredOption('--station <site/line/station>', 'where it stands', placeOption)
      .requiredOption('--claim <file>', 'what `pomona station enrol` gave out', pathOption)
      .requiredOption('--out <folder>', 'written there', pathOption)
      .option('--ssh-key <file>', 'a public key that may log in as `packhouse`', pathOption)
      .option('--timezone <name>', 'like Europe/Rome (default UTC)')
      .option(
        '--page <address>',
        'open the page at the line there: 0.0.0.0 for all networks of the board, 127.0.0.1 for a screen of its own',
      )
      // A service without privileges has no port below.
      .option('--page-port <number>', 'its TCP port (default 8095)', integerOption(1_024, 65_535))
      .option(
        '--page-pin <file>',
        'with the PIN in it, of which the board gets a hash; without one the page is to look at only',
        pathOption,
      )
      .addOption(
        new Option(
          '--page-watching <who>',
          'who may look: all who reach it (default), or who knows the PIN',
        ).choices(['open', 'pin']),
      )
      .option(...jsonOption)
      .action(build)
  );
}

async function build(options: BuildOptions, command: Command): Promise<void> {
  const { sshKey, timezone, page, pagePort, pagePin, pageWatching } = options;
  if (page === undefined && (pagePort ?? pagePin ?? pageWatching) !== undefined)
    command.error('error: --page says on which address the page at the line opens');
  const files = buildBundle({
    board: options.profile,
    address: options.station,
    claim: await readClaimFile(options.claim),
    nowMs: systemClock.nowMs(),
    ...(sshKey !== undefined && { sshKey: await readText(sshKey, 'SSH key') }),
    ...(timezone !== undefined && { timezone }),
    ...(page !== undefined && {
      operatorPage: {
        host: page,
        ...(pagePort !== undefined && { port: pagePort }),
        ...(pagePin !== undefined && { pinHash: await hashPin(await readText(pagePin, 'PIN')) }),
        ...(pageWatching !== undefined && { watching: pageWatching }),
      },
    }),
  });
  for (const { path, mode, content } of files) {
    const file = join(options.out, path);
    await makeFolder(dirname(file));
    await writeFile(file, content, { mode });
    // A file that was there keeps its mode otherwise, and the claim is a secret.
    await chmod(file, mode);
  }
  const paths = files.map(({ path }) => path);
  createOutput(options.json === true).report(
    { folder: options.out, files: paths },
    `wrote ${paths.join(', ')} to ${options.out}; docs/installing.md says where they go`,
  );
}

async function readText(file: string, what: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === undefined) throw error;
    throw new AppError('bundle-invalid', `${file}: the ${what} cannot be read (${code})`, {
      cause: error,
      hint: 'Check the path.',
    });
  }
}
