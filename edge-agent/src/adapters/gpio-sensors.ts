/**
 * Sensors on pins of the board, by libgpiod's own `gpiomon`, one process for all of them, which says each edge in a line. A sensor that does not
 * work leaves the outlets alone. What is left of this program's crash ends with the next edge, whose line nobody reads.
 */
import type { GpioGate } from '@pomona/firmware-config';
import type { GateDeviceDeps } from './gate-device.ts';
import { type GpioMonitor, gpiomon, startMonitor } from './gpio-monitor.ts';
import { versionOf } from './gpio-program.ts';
import { Retries } from './retries.ts';

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
  let monitor: GpioMonitor | undefined;
  const retries = new Retries({
    ...deps,
    onThere: () => undefined,
    onFailure: (reason) => deps.onTrouble('gate-sensor', `no shot is confirmed: ${chip}: ${reason}`),
    attempt: async () => {
      const args = (await versionOf(program)) >= 2 ? ['--chip', chip] : ['--line-buffered', chip];
      monitor = startMonitor(program, ['--format=%o %e', ...args, ...lines], {
        onLine: (line) => {
          const [, at, edge] = /^(\d+) (\d)$/.exec(line) ?? [];
          const sensor = sensors.get(Number(at));
          if (sensor !== undefined && (edge === '1') !== sensor.confirm.activeLow) onLeft(sensor.output);
        },
        onEnd: (why) => retries.lost(why),
      });
      await monitor.settled;
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
      monitor?.stop();
    },
  };
}
