/**
 * Sensors on pins of the board, by libgpiod's own `gpiomon`, one process for all of them, which says each edge in a line. A sensor that does not
 * work leaves the outlets alone. What is left of this program's crash ends with the next edge, whose line nobody reads.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { GpioGate } from '@pomona/firmware-config';
import { LineCutter } from '../domain/line-cutter.ts';
import type { GateDeviceDeps } from './gate-device.ts';
import { endOf, type GpioProgram, gpioError, versionOf } from './gpio-program.ts';
import { Retries } from './retries.ts';

const gpiomon: GpioProgram = { command: 'gpiomon', args: [] };
/** How long it may take to say that it does not get its pins. */
const settleMs = 100;
const lineMax = 200;

export function gpioSensors(
  { chip, outputs }: Pick<GpioGate, 'chip' | 'outputs'>,
  deps: GateDeviceDeps,
  onLeft: (output: number) => void,
  program = gpiomon,
) {
  /** By line: its output, and what `gpiomon` calls the edge of a fruit, 1 where the pin rises, else 0 (version 1) or 2. */
  const sensors = new Map(
    outputs.flatMap(({ confirm }, output) =>
      confirm === undefined ? [] : [[confirm.line, { output, confirm }]],
    ),
  );
  let child: ChildProcess | undefined;
  const retries = new Retries({
    ...deps,
    onThere: () => undefined,
    onFailure: (reason) => deps.onTrouble('gate-sensor', `no shot is confirmed: ${chip}: ${reason}`),
    attempt: async () => {
      const args = (await versionOf(program)) >= 2 ? ['--chip', chip] : ['--line-buffered', chip];
      const fresh = spawn(program.command, [...program.args, '--format=%o %e', ...args, ...lines], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      child = fresh;
      const heard = new LineCutter(lineMax, (line) => {
        const [, at, edge] = /^(\d+) (\d)$/.exec(line) ?? [];
        const sensor = sensors.get(Number(at));
        if (sensor !== undefined && (edge === '1') !== sensor.confirm.activeLow) onLeft(sensor.output);
      });
      fresh.stdout.on('data', (chunk: Buffer) => heard.push(chunk.toString()));
      let said = '';
      fresh.stderr.on('data', (chunk: Buffer) => {
        said = (said + chunk.toString()).slice(-300);
      });
      let isOver = false;
      const why = (detail: string): string => [detail, said.trim()].filter((text) => text !== '').join(': ');
      const ended = endOf(fresh, 'gpiomon').then((detail) => {
        isOver = true;
        retries.lost(why(detail));
        return why(detail);
      });
      const settled = new Promise<string>((resolve) => setTimeout(() => resolve(''), settleMs));
      const detail = await Promise.race([ended, settled]);
      if (isOver) throw gpioError(detail);
    },
  });
  const lines = [...sensors.keys()].map(String);
  if (sensors.size > 0) retries.start();
  return {
    get isSensing() {
      return retries.isThere;
    },
    stop() {
      retries.stop();
      child?.kill('SIGTERM');
    },
  };
}
