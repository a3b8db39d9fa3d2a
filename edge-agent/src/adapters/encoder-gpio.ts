/**
 * Pulses on pins of the board, by `gpiomon`. The kernel stamps each edge with the monotonic clock as it comes (since Linux 5.7), so that
 * it does not matter when its line is read. A belt that stands gives no edges, and neither does a broken wire.
 *
 * With a second track a pulse counts forward where the first rises and backward where it falls while the second is low: an edge that
 * trembles at rest counts up and down again.
 */
import type { GpioEncoder } from '@pomona/firmware-config';
import { type Encoder, type EncoderDeps, encoderLost } from './encoder-deps.ts';
import { type GpioMonitor, gpiomon, startMonitor } from './gpio-monitor.ts';
import { type GpioProgram, versionOf } from './gpio-program.ts';
import { Retries } from './retries.ts';

/** A stamp that is further from now is of another clock. */
const stampMsMax = 10_000;

export function gpioEncoder(
  { chip, line, lineB, mmPerPulse }: GpioEncoder,
  deps: EncoderDeps,
  program: GpioProgram = gpiomon,
): Encoder {
  const { scheduler, onReading } = deps;
  let pulses = 0;
  let isHighB = false;
  let monitor: GpioMonitor | undefined;

  const hear = (text: string): void => {
    const [, at, edge, seconds, nanoseconds] = /^(\d+) (\d) (\d+)[ .](\d+)$/.exec(text) ?? [];
    const isRising = edge === '1';
    if (Number(at) === lineB) isHighB = isRising;
    if (Number(at) !== line || isHighB || (lineB === undefined && !isRising)) return;
    pulses += isRising ? 1 : -1;
    const nowMs = scheduler.monotonicMs();
    const stampMs = Number(seconds) * 1e3 + Number(nanoseconds) / 1e6;
    onReading(pulses * mmPerPulse, Math.abs(nowMs - stampMs) > stampMsMax ? nowMs : stampMs);
  };
  const onFailure = encoderLost(deps, chip);
  const retries = new Retries({
    ...deps,
    onThere: () => onReading(pulses * mmPerPulse, scheduler.monotonicMs()),
    onFailure,
    attempt: async () => {
      const isNew = (await versionOf(program)) >= 2;
      const edges = lineB === undefined ? [isNew ? '--edges=rising' : '--rising-edge'] : [];
      const args = isNew
        ? ['--format=%o %e %S', ...edges, '--chip', chip]
        : ['--format=%o %e %s %n', ...edges, '--line-buffered', chip];
      isHighB = false;
      const lines = lineB === undefined ? [line] : [line, lineB];
      monitor = startMonitor(program, [...args, ...lines.map(String)], {
        onLine: (text) => {
          if (retries.isThere) hear(text);
        },
        onEnd: (why) => retries.lost(why),
      });
      await monitor.settled;
    },
  });
  retries.start();
  return {
    stop() {
      retries.stop();
      monitor?.stop();
    },
  };
}
