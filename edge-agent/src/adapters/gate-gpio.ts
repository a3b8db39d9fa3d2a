/**
 * Outlets on pins of the board, by libgpiod's own `gpioset`, which holds a pin as long as it runs.
 *
 * Version 2 is started once and takes commands on its standard input (`--interactive`); it ends with that input, so that
 * the pins are let go of when this program crashes. Version 1 can only set and wait: each pin that is on is one process of
 * its own (`--mode=wait`, which also ends with its input), and off is a process that sets it and ends. What a pin does
 * that nobody holds is the board's business: a resistor must pull it to the closed side.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { GpioGate } from '@pomona/firmware-config';
import type { GateOutputs } from '../domain/gate.ts';
import { type GateDeviceDeps, notConnected } from './gate-device.ts';
import { endOf, type GpioProgram, gpioError, runOnce, versionOf } from './gpio-program.ts';
import { gpioSensors } from './gpio-sensors.ts';
import { inTime } from './in-time.ts';
import { Retries } from './retries.ts';

const gpioset: GpioProgram = { command: 'gpioset', args: [] };
const answerMs = 1_000;

export function gpioGates(
  config: GpioGate,
  deps: GateDeviceDeps,
  program = gpioset,
  monitor?: GpioProgram,
): GateOutputs {
  const { chip, outputs, heartbeatLine } = config;
  let pins: Pins | undefined;
  let isBeatHigh = false;
  let onUp = (): void => undefined;
  let sensors: ReturnType<typeof gpioSensors> | undefined;
  const lines = [...outputs.map(({ line }) => line), ...(heartbeatLine === undefined ? [] : [heartbeatLine])];
  const set = (line: number, on: boolean): Promise<void> =>
    retries.isThere && pins !== undefined ? pins.set(line, on) : Promise.reject(notConnected(chip));
  const retries = new Retries({
    ...deps,
    onThere: () => onUp(),
    onFailure: (reason) => deps.onTrouble('gate-device', `no outlet can be opened: ${chip}: ${reason}`),
    attempt: async () => {
      const version = await versionOf(program);
      const open = version >= 2 ? openInteractive : openWaiting;
      pins = await open(program, config, lines, (reason) => retries.lost(reason));
    },
  });
  return {
    start(up, onLeft = () => undefined) {
      onUp = up;
      sensors ??= gpioSensors(config, deps, onLeft, monitor);
      retries.start();
    },
    get isUp() {
      return retries.isThere;
    },
    get isSensing() {
      return sensors?.isSensing ?? false;
    },
    set: (output, on) => set(outputs[output]!.line, on),
    async beat() {
      if (heartbeatLine === undefined) return;
      isBeatHigh = !isBeatHigh;
      await set(heartbeatLine, isBeatHigh);
    },
    async close() {
      sensors?.stop();
      retries.stop();
      await pins?.close();
    },
  };
}

interface Pins {
  set(line: number, on: boolean): Promise<void>;
  close(): Promise<void>;
}

async function openInteractive(
  { command, args }: GpioProgram,
  { chip, activeLow }: GpioGate,
  lines: readonly number[],
  onLost: (reason: string) => void,
): Promise<Pins> {
  const child = spawn(
    command,
    [
      ...args,
      '--interactive',
      '--chip',
      chip,
      ...(activeLow ? ['--active-low'] : []),
      ...lines.map((line) => `${line}=0`),
    ],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  );
  let isOpen = true;
  let said = '';
  const ended = endOf(child, 'gpioset').then((detail) => {
    isOpen = false;
    onLost([detail, said.trim()].filter((text) => text !== '').join(': '));
  });
  child.stdout.resume();
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-300);
  });
  // Its end is told by `ended`; a write that meets it must not end us.
  child.stdin.on('error', () => undefined);
  const write = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      if (!isOpen) reject(gpioError(`${command} has ended: ${said.trim()}`));
      else child.stdin.write(`${text}\n`, (error) => (error ? reject(error) : resolve()));
    });
  // It ends at once when it does not get the pins; when it has them it takes commands.
  const allOff = `set ${lines.map((line) => `${line}=0`).join(' ')}`;
  const isRefused = await Promise.race([
    write(allOff).then(
      () => false,
      () => true,
    ),
    ended.then(() => false),
  ]);
  // That its input is closed says less than what it says as it ends.
  if (isRefused) await endWithin(child, ended);
  else await new Promise((resolve) => setTimeout(resolve, settleMs));
  if (!isOpen) {
    const why = said.trim() || `${command} ended at once`;
    throw gpioError(/(unrecognized|invalid) option/.test(why) ? `${why}; ${notInteractive}` : why);
  }
  return {
    set: (line, on) => write(`set ${line}=${on ? 1 : 0}`),
    async close() {
      if (isOpen) await write(allOff);
      child.stdin.end();
      await endWithin(child, ended);
    },
  };
}

/** How long `gpioset` may take to say that it does not get its pins. */
const settleMs = 100;

const busyWithVersion1 =
  'libgpiod 1 starts a program for each change, and the board is too busy for it: look what else runs there, or take libgpiod 2 (gpiod of Debian 13), which runs once';
const notInteractive = 'this gpioset was built without --interactive: take that of Debian’s gpiod';

interface Holder {
  readonly child: ChildProcess;
  /** How it ended. */
  readonly ended: Promise<string>;
  /** It was told to. */
  isLetGo: boolean;
}

async function openWaiting(
  program: GpioProgram,
  { chip, activeLow }: GpioGate,
  lines: readonly number[],
  onLost: (reason: string) => void,
): Promise<Pins> {
  const { command, args } = program;
  const own = activeLow ? ['--active-low'] : [];
  const held = new Map<number, Holder>();
  const turns = new Map(lines.map((line) => [line, takeTurns(line)]));
  let isLost = false;
  const letGo = async (line: number): Promise<void> => {
    const holder = held.get(line);
    if (holder === undefined) return;
    holder.isLetGo = true;
    holder.child.stdin?.end();
    await endWithin(holder.child, holder.ended);
  };
  const off = async (line: number): Promise<void> => {
    await letGo(line);
    try {
      await runOnce(program, [...own, '--mode=exit', chip, `${line}=0`], busyWithVersion1);
    } catch (error) {
      throw gpioError(`line ${line}: ${(error as Error).message}`);
    }
  };
  const on = async (line: number): Promise<void> => {
    if (isLost) throw notConnected(chip);
    if (held.has(line)) return;
    const child = spawn(command, [...args, ...own, '--mode=wait', chip, `${line}=1`], {
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    let said = '';
    child.stdin.on('error', () => undefined);
    child.stderr.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-300);
    });
    const started = new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    const ended = endOf(child, 'gpioset');
    const holder = { child, ended, isLetGo: false };
    held.set(line, holder);
    void ended.then((detail) => {
      if (held.get(line) === holder) held.delete(line);
      if (holder.isLetGo || isLost) return;
      isLost = true;
      // Who connects anew gets none of the pins that are held still.
      for (const each of held.keys()) void letGo(each);
      onLost([detail, said.trim()].filter((text) => text !== '').join(': '));
    });
    await started;
  };
  for (const line of lines) await off(line);
  return {
    set: (line, isOn) => turns.get(line)!(isOn ? on : off, isOn),
    async close() {
      const closed = await Promise.allSettled(lines.map((line) => turns.get(line)!(off, false)));
      for (const each of closed) if (each.status === 'rejected') throw each.reason;
    },
  };
}

/**
 * Runs a line's commands one after the other. One that finds another behind it when its turn comes is not run any more:
 * what it would open, that closes, and who would hear of its pulse would hear of it too late.
 */
function takeTurns(line: number) {
  let last: Promise<unknown> = Promise.resolve();
  let newest = 0;
  return (command: (line: number) => Promise<void>, isOn: boolean): Promise<void> => {
    const number = ++newest;
    const turn = last.then(() => {
      if (number === newest) return command(line);
      if (isOn) throw gpioError(`line ${line} was still busy when its pulse was over`);
    });
    last = turn.catch(() => undefined);
    return turn;
  };
}

async function endWithin(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  try {
    await inTime(ended, answerMs, 'gpioset');
  } catch {
    // It was asked; a pin that stays on is worse than a program that is killed.
    child.kill('SIGKILL');
    await ended;
  }
}
