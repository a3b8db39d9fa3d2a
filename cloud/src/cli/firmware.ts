import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  type BoardName,
  boardNames,
  buildBundle,
  readClaimFile,
  stationFileSchema,
} from '@pomona/firmware-config';
import { AppError, type StationAddress, systemClock, systemErrorCode } from '@pomona/wire';
import { Command, Option } from 'commander';
import { jsonOption, pathOption } from './options.ts';
import { createOutput } from './output.ts';
import { placeOption } from './station.ts';

interface BuildOptions {
  readonly profile: BoardName;
  readonly station: StationAddress;
  readonly claim: string;
  readonly out: string;
  readonly sshKey?: string;
  readonly timezone?: string;
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
  return new Command('build')
    .description('write the files that set up a board: cloud-init, boot, service, configuration, claim')
    .addOption(new Option('--profile <board>', 'the kind of board').choices(boardNames).makeOptionMandatory())
    .requiredOption('--station <site/line/station>', 'where it stands', placeOption)
    .requiredOption('--claim <file>', 'what `pomona station enrol` gave out', pathOption)
    .requiredOption('--out <folder>', 'written there', pathOption)
    .option('--ssh-key <file>', 'a public key that may log in as `packhouse`', pathOption)
    .option('--timezone <name>', 'like Europe/Rome (default UTC)')
    .option(...jsonOption)
    .action(build);
}

async function build(options: BuildOptions): Promise<void> {
  const { sshKey, timezone } = options;
  const files = buildBundle({
    board: options.profile,
    address: options.station,
    claim: await readClaimFile(options.claim),
    nowMs: systemClock.nowMs(),
    ...(sshKey !== undefined && { sshKey: await readKey(sshKey) }),
    ...(timezone !== undefined && { timezone }),
  });
  for (const { path, mode, content } of files) {
    const file = join(options.out, path);
    await mkdir(dirname(file), { recursive: true });
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

async function readKey(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === undefined) throw error;
    throw new AppError('bundle-invalid', `${file}: the SSH key cannot be read (${code})`, {
      cause: error,
      hint: 'Check the path.',
    });
  }
}
