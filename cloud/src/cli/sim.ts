import { type Claim, counted, type SimFigures, systemClock } from '@pomona/wire';
import { Command } from 'commander';
import { interruptSignal } from './interrupt.ts';
import { dataOption, integerOption, jsonOption, numberOption } from './options.ts';
import { createOutput, type Output } from './output.ts';
import { callServer, type ServerOptions, serverOf, serverOption, tokenOption } from './running-server.ts';
import { type SimProcess, startSim } from './sim-process.ts';

interface SimOptions extends ServerOptions {
  readonly stations: number;
  readonly rate: number;
  readonly minutes?: number;
  readonly json?: true;
}

const claimsAtOnce = 8;
const sayEveryMs = 5_000;
const pollMs = 200;
const settleMs = 10_000;
const stationsPerLine = 10;

export function simCommand(): Command {
  return new Command('sim')
    .description(
      'simulated stations at a control plane that runs: they connect, update and send made-up fruit',
    )
    .option(...dataOption)
    .option(...serverOption)
    .option(...tokenOption)
    .requiredOption(
      '--stations <number>',
      'how many; sim-0, sim-1, … at the site sim',
      integerOption(1, 5_000),
    )
    .option(
      '--rate <fruits>',
      'fruits per second of all together, once they run a release',
      numberOption(0, 50_000),
      100,
    )
    .option('--minutes <number>', 'end by itself after this time', numberOption(0.01, 100_000))
    .option(...jsonOption)
    .action(runSim);
}

async function runSim(options: SimOptions): Promise<void> {
  const output = createOutput(options.json === true);
  const interrupt = interruptSignal();
  const { signal } = interrupt;
  const server = serverOf(options);
  const fromMs = systemClock.monotonicMs();
  const sim = startSim((code, message) => output.say(`${code}: ${message}`), signal);
  try {
    const claims = await claimAll(server, options.stations, signal);
    await whileSaying(sim, output, options.stations, sim.order({ kind: 'enrol', claims }));
    await whileSaying(sim, output, options.stations, sim.order({ kind: 'connect' }));
    await sim.order({ kind: 'grade', fruitsPerS: options.rate });
    output.say('all are connected; give them a release with `pomona rollout create`. Ctrl-C ends it.');
    const forMs = (options.minutes ?? Number.POSITIVE_INFINITY) * 60_000;
    await whileSaying(sim, output, options.stations, ended(signal, forMs));
    const settled = signal.aborted ? sim.figures : await sim.settle(settleMs);
    const seconds = (systemClock.monotonicMs() - fromMs) / 1_000;
    output.report({ stations: options.stations, seconds, ...settled }, describeEnd(settled, seconds));
  } catch (error) {
    // What its stations' process says of being ended with it is no fault.
    signal.throwIfAborted();
    throw error;
  } finally {
    await sim.stop();
    interrupt.dispose();
  }
}

async function claimAll(server: string, stations: number, signal: AbortSignal): Promise<Claim[]> {
  const claims: Claim[] = [];
  let next = 0;
  const work = async () => {
    for (let i = next++; i < stations && !signal.aborted; i = next++) {
      const place = { site: 'sim', line: `line-${Math.floor(i / stationsPerLine)}`, station: `sim-${i}` };
      claims[i] = await callServer<Claim>(server, '/v1/stations/claims', place);
    }
  };
  await Promise.all(Array.from({ length: claimsAtOnce }, work));
  signal.throwIfAborted();
  return claims;
}

async function whileSaying(sim: SimProcess, output: Output, stations: number, work: Promise<unknown>) {
  const timer = setInterval(() => output.say(describe(sim.figures, stations)), sayEveryMs);
  try {
    await work;
  } finally {
    clearInterval(timer);
  }
}

async function ended(signal: AbortSignal, forMs: number): Promise<void> {
  const untilMs = systemClock.monotonicMs() + forMs;
  while (!signal.aborted && systemClock.monotonicMs() < untilMs)
    await new Promise((resolve) => setTimeout(resolve, pollMs));
}

function describe(figures: SimFigures, stations: number): string {
  const { enrolled, connected, made, acknowledged } = figures;
  if (connected === 0) return `${enrolled}/${stations} enrolled`;
  const fruit = `${counted(made, 'fruit')} sent, ${acknowledged} acknowledged`;
  return `${connected}/${stations} connected; ${releasesOf(figures)}; ${fruit}`;
}

function describeEnd(figures: SimFigures, seconds: number): string {
  const { connected, made, acknowledged, dropped, rssMb } = figures;
  return [
    `${counted(connected, 'station')}, ${seconds.toFixed(0)} s`,
    `releases  ${releasesOf(figures)}`,
    `fruits    ${made} sent, ${acknowledged} acknowledged, ${dropped} thrown away`,
    `memory    ${rssMb.toFixed(0)} MB`,
  ].join('\n');
}

function releasesOf({ active, updates }: SimFigures): string {
  const running = Object.entries(active).map(([release, count]) => `${count} run ${release}`);
  const others = Object.entries(updates)
    .filter(([state]) => state !== 'active')
    .map(([state, count]) => `${count} ${state}`);
  return [...running, ...others].join(', ') || 'no release';
}
