/** The agent's program. Log lines go to standard error; it ends with 0, 1 for a failure, 2 for a usage error. */
import './adapters/small-heap.ts';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { hashPin, loadStationConfig } from '@pomona/firmware-config';
import { type AppError, isAppError, seededRandom, systemClock } from '@pomona/wire';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { createLog } from './adapters/log.ts';

/** A clean stop is over by then; what is left ends with the process. */
const stopMs = 2_800;
const pinCharsMax = 100;

interface Options {
  readonly config: string;
  readonly jsonLogs?: true;
}

interface CalibrateOptions extends Options {
  readonly targetMm?: number;
  readonly gateMm?: number;
  readonly lanes?: number;
}

interface CalibrationsOptions extends Options {
  readonly use?: number;
}

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

const program = new Command('pomona-agent')
  .description('Grades the fruit of one camera on a sorting line.')
  .version(version)
  .exitOverride();
program.addCommand(
  verb('run', 'grade fruit until it is stopped; enrols the station first if it has to', run),
);
program.addCommand(
  verb('enrol', 'use a claim to get the station’s certificate, then end', enrolOnly).option(
    '--again',
    'also when it has one: it was enrolled elsewhere since, or the control plane is another',
  ),
);
program.addCommand(
  verb('still', 'take one picture with the station’s camera, then end', still).requiredOption(
    '--out <file>',
    'the picture: .png, with a Raspberry Pi’s camera also .jpg',
    fromWhereTheUserIs,
  ),
);

program.addCommand(
  verb(
    'calibrate',
    'measure what a pixel is, by one round target in the middle of each lane, and keep it',
    calibrate,
  )
    .option(
      '--target-mm <mm>',
      'diameter of the targets; without it you are asked for everything',
      millimetres,
    )
    .option(
      '--gate-mm <mm>',
      'from the picture’s right edge to the gates, along the belt (as it was)',
      millimetres,
    )
    .option('--lanes <n>', 'lanes that it has (as configured)', count),
);
program.addCommand(
  verb('calibrations', 'list the calibrations that are kept, the newest last', calibrations).option(
    '--use <version>',
    'make this one the newest again',
    count,
  ),
);
program.addCommand(
  new Command('pin')
    .description(
      'read a PIN for the operator’s page from standard input, and print what the configuration keeps of it',
    )
    .exitOverride()
    .action(pin),
);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = explain(error);
}

function verb<T extends Options>(
  name: string,
  description: string,
  action: (options: T) => Promise<void>,
): Command {
  return new Command(name)
    .description(description)
    .requiredOption(
      '--config <file>',
      'the station’s configuration, see firmware-config/README.md',
      fromWhereTheUserIs,
    )
    .option('--json-logs', 'log lines as JSON')
    .exitOverride()
    .action(action);
}

async function run(options: Options): Promise<void> {
  const config = await loadStationConfig(options.config);
  const log = createLog(config.logLevel, options.jsonLogs === true);
  const stopping = new AbortController();
  const stopRequested = new Promise<void>((resolve) => {
    const stop = (cause: string): void => {
      log.info({ cause }, 'stopping');
      stopping.abort();
      setTimeout(() => process.exit(0), stopMs).unref();
      resolve();
    };
    process.once('SIGINT', () => stop('SIGINT'));
    process.once('SIGTERM', () => stop('SIGTERM'));
    // Started by a program that keeps a channel open: the agent must not outlive it.
    process.once('disconnect', () => stop('the program that started it has ended'));
  });
  try {
    // Loaded only now: a question about the command line is answered without a runtime for models.
    const { runAgent } = await import('./run-agent.ts');
    const deps = { log, version, signal: stopping.signal, environment: process.env };
    for (let gone: AppError | undefined, isAgain = true; isAgain; ) {
      const agent = await runAgent(config, deps);
      gone = (await Promise.race([stopRequested, agent.gone])) ?? undefined;
      isAgain = gone?.code === 'disk-has-room';
      if (isAgain) log.info(gone!.message);
      else if (gone !== undefined) exitSoon();
      await agent.stop();
      if (gone !== undefined && !isAgain) throw gone;
    }
  } catch (error) {
    if (error !== stopping.signal.reason) {
      exitSoon();
      throw error;
    }
  }
  process.exit(0);
}

/** What is still under way by then must not keep the service manager from starting it again. */
function exitSoon(): void {
  setTimeout(() => process.exit(1), stopMs).unref();
}

async function enrolOnly(options: Options & { readonly again?: boolean }): Promise<void> {
  const config = await loadStationConfig(options.config);
  const { enrolAgent } = await import('./enrol-agent.ts');
  const log = createLog(config.logLevel, options.jsonLogs === true);
  await enrolAgent(config, { log, version }, options.again);
}

async function still({ config, out }: Options & { readonly out: string }): Promise<void> {
  const station = await loadStationConfig(config);
  const { captureStill } = await import('./adapters/capture-still.ts');
  const deps = { clock: systemClock, random: seededRandom(systemClock.nowMs(), 'still') };
  await captureStill(station, out, deps);
  process.stderr.write(`wrote ${out}\n`);
}

async function calibrate({ config, targetMm, gateMm, lanes }: CalibrateOptions): Promise<void> {
  const station = await loadStationConfig(config);
  const { calibrateAgent } = await import('./calibrate-agent.ts');
  const { calibrationInWords } = await import('./calibrate-dialog.ts');
  const deps = { clock: systemClock, random: seededRandom(systemClock.nowMs(), 'calibrate') };
  const measures = {
    ...(gateMm !== undefined && { gateDistanceMm: gateMm }),
    ...(lanes !== undefined && { lanes }),
  };
  if (targetMm === undefined) {
    const { askAndCalibrate } = await import('./ask-and-calibrate.ts');
    if (!(await askAndCalibrate(station, measures, deps))) return;
  } else {
    const found = await calibrateAgent(station, { ...measures, targetMm }, deps);
    process.stderr.write(`${calibrationInWords(found)}\n`);
  }
  process.stderr.write('It holds from the agent’s next start on.\n');
}

async function calibrations({ config, use }: CalibrationsOptions): Promise<void> {
  const station = await loadStationConfig(config);
  const { restoreCalibration } = await import('./calibrate-agent.ts');
  const { loadCalibrations } = await import('./adapters/calibration-file.ts');
  const { lanesInWords } = await import('./calibrate-dialog.ts');
  if (use !== undefined) {
    const { version } = await restoreCalibration(station, use, { clock: systemClock });
    process.stderr.write(`calibration ${version} is ${use} again; it holds from the agent’s next start on\n`);
  }
  const all = await loadCalibrations(station.dataDir);
  for (const {
    version,
    at,
    copyOf,
    lanes,
    mmPerPx,
    gateDistanceMm,
    targetMm,
    beltLuma,
    camera,
    picture,
  } of all) {
    const of = Object.entries(picture ?? {}).map(([name, value]) => ` ${name}=${value}`);
    process.stdout.write(
      `${version}  ${at}  ${lanesInWords(lanes)}  ${mmPerPx} mm/px  gates at ${gateDistanceMm} mm  by targets of ${targetMm} mm  belt ${Math.round(beltLuma)} of 255  ${camera}${of.join('')}${copyOf === undefined ? '' : `  as ${copyOf}`}\n`,
    );
  }
  if (all.length === 0) process.stderr.write('no calibration yet: the geometry of the configuration holds\n');
}

function count(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 1_000_000) return value;
  throw new InvalidArgumentError('It must be a whole number above 0.');
}

function millimetres(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= 10_000) return value;
  throw new InvalidArgumentError('It must be a number of millimetres above 0, at most 10000.');
}

async function pin(): Promise<void> {
  if (process.stdin.isTTY) process.stderr.write('PIN of 4 to 12 digits (it is shown while you type): ');
  let text = '';
  for await (const chunk of process.stdin) {
    text += chunk;
    if (text.includes('\n') || text.length > pinCharsMax) break;
  }
  process.stdout.write(`${await hashPin(text.trim())}\n`);
  process.exit(0);
}

/** A package manager runs this program in the package's folder, and says where it was called from. */
function fromWhereTheUserIs(path: string): string {
  return resolve(process.env.INIT_CWD ?? process.cwd(), path);
}

function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (!isAppError(error)) throw error;
  process.stderr.write(`error: ${error.message}\n  ${error.hint}\n`);
  return 1;
}
