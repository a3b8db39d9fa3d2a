import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GpioGate } from '@pomona/firmware-config';
import { seededRandom } from '@pomona/wire';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { gpioGates } from './gate-gpio.ts';
import { systemScheduler } from './system-scheduler.ts';

const patience = { timeout: 10_000, interval: 10 };
const config: GpioGate = {
  kind: 'gpio',
  chip: 'gpiochip0',
  activeLow: true,
  heartbeatLine: 5,
  outputs: [{ gate: 1, lagMs: 20, pulseMs: 40, line: 17 }],
  heartbeatMs: 500,
};

let folder: string;
let undo: (() => unknown)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gate-gpio-'));
});
afterEach(async () => {
  for (const last of undo.reverse()) await last();
  undo = [];
  rmSync(folder, { recursive: true });
});

const log = (): string[] => {
  const file = join(folder, 'log');
  return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
};

/** Takes the arguments of `gpioset` and writes down what it was told. */
function standIn(script: string, monitor?: string, of = config) {
  const put = (name: string, text: string): string => {
    const command = join(folder, name);
    writeFileSync(command, `#!/bin/sh\nlog=${folder}/log\n${text}`);
    chmodSync(command, 0o755);
    return command;
  };
  const command = put('gpioset', script);
  const troubles: string[] = [];
  const gates = gpioGates(
    of,
    {
      scheduler: systemScheduler,
      random: seededRandom(1),
      onTrouble: (_, message) => troubles.push(message),
    },
    { command, args: [] },
    monitor === undefined ? undefined : { command: put('gpiomon', monitor), args: [] },
  );
  undo.push(() => gates.close());
  return { gates, troubles };
}

const version2 = `if [ "$1" = --version ]; then echo "gpioset (libgpiod) v2.2.1"; exit; fi
echo "$*" >> $log
while read -r line; do
  echo "$line" >> $log
  if [ -e ${'$'}{log}.die ]; then rm ${'$'}{log}.die; echo "line 17 is broken" >&2; exit 1; fi
done
echo released >> $log
`;
const version1 = `case "$*" in
  *--version*) echo "gpioset (libgpiod) v1.6.3" ;;
  *mode=exit*17=0*) echo "$*" >> $log; [ ! -e ${'$'}{log}.stuck ] ;;
  *mode=wait*17=1*) if [ -e ${'$'}{log}.busy ]; then rm ${'$'}{log}.busy; echo "Device or resource busy" >&2; exit 1; fi
    echo "$*" >> $log; cat > /dev/null; echo released >> $log ;;
  *mode=wait*) echo "$*" >> $log; cat > /dev/null; echo released >> $log ;;
  *) echo "$*" >> $log ;;
esac
`;

describe('gates by GPIO', () => {
  it('commands one gpioset of version 2, which lets go of the pins when its input ends', async () => {
    const { gates } = standIn(version2);
    await new Promise<void>((resolve) => gates.start(resolve));
    await gates.set(0, true);
    await gates.set(0, false);
    await gates.beat();
    await gates.beat();
    await gates.close();
    expect(log()).toEqual([
      '--interactive --chip gpiochip0 --active-low 17=0 5=0',
      'set 17=0 5=0',
      'set 17=1',
      'set 17=0',
      'set 5=1',
      'set 5=0',
      'set 17=0 5=0',
      'released',
    ]);
  });

  it('starts it again when it ends, and tells what it said', async () => {
    const { gates, troubles } = standIn(version2);
    let ups = 0;
    gates.start(() => ups++);
    await expect.poll(() => ups, patience).toBe(1);
    writeFileSync(join(folder, 'log.die'), '');
    await gates.set(0, true);
    await expect.poll(() => ups, patience).toBe(2);
    expect(troubles).toEqual([
      'no outlet can be opened: gpiochip0: gpioset ended with code 1: line 17 is broken',
    ]);
  });

  it('holds a pin with one process of version 1 as long as it is on', async () => {
    const { gates } = standIn(version1);
    await new Promise<void>((resolve) => gates.start(resolve));
    await gates.set(0, true);
    await expect.poll(log, patience).toContain('--active-low --mode=wait gpiochip0 17=1');
    await gates.set(0, false);
    await gates.close();
    const closed = ['--active-low --mode=exit gpiochip0 17=0', '--active-low --mode=exit gpiochip0 5=0'];
    const told = log();
    // Pins are closed together, in whichever order.
    expect(told.slice(0, 2).sort()).toEqual(closed);
    expect(told.slice(2, 5)).toEqual([
      ...['--active-low --mode=wait gpiochip0 17=1', 'released', '--active-low --mode=exit gpiochip0 17=0'],
    ]);
    expect(told.slice(5).sort()).toEqual(closed);
  });

  it('lets go of every process of version 1 when a pin is switched faster than one ends', async () => {
    const { gates } = standIn(version1);
    await new Promise<void>((resolve) => gates.start(resolve));
    for (let i = 0; i < 3; i++) {
      await gates.set(0, true);
      const off = gates.set(0, false);
      // Its turn has begun.
      await new Promise((resolve) => setImmediate(resolve));
      await Promise.all([off, gates.set(0, true)]);
      await gates.set(0, false);
    }
    const count = (text: string): number => log().filter((line) => line.includes(text)).length;
    expect(count('mode=wait')).toBe(6);
    expect(count('released')).toBe(6);
  });

  it('opens nothing for a pulse that was over before its pin was let go of', async () => {
    const { gates } = standIn(version1);
    await new Promise<void>((resolve) => gates.start(resolve));
    const [, on] = await Promise.allSettled([gates.set(0, false), gates.set(0, true), gates.set(0, false)]);
    expect(on).toMatchObject({ status: 'rejected', reason: { code: 'gate-gpio' } });
    expect(log().filter((line) => line.includes('mode=wait'))).toEqual([]);
  });

  it('connects anew, and lets go of all pins, when a process of version 1 does not get its pin', async () => {
    const { gates, troubles } = standIn(version1);
    let ups = 0;
    gates.start(() => ups++);
    await expect.poll(() => ups, patience).toBe(1);
    await gates.beat();
    await expect.poll(log, patience).toContain('--active-low --mode=wait gpiochip0 5=1');
    writeFileSync(join(folder, 'log.busy'), '');
    await gates.set(0, true);
    await expect.poll(() => ups, patience).toBe(2);
    expect(troubles).toEqual([
      'no outlet can be opened: gpiochip0: gpioset ended with code 1: Device or resource busy',
    ]);
    expect(log().filter((line) => line === 'released')).toHaveLength(1);
  });

  it('says in one line what gpioset of version 1 said of a chip that is not there', async () => {
    const { gates, troubles } =
      standIn(`if [ "$1" = --version ]; then echo "gpioset (libgpiod) v1.6.3"; exit; fi
echo "gpioset: error setting the GPIO line values: No such file or directory" >&2; exit 1
`);
    gates.start(() => undefined);
    await expect
      .poll(() => troubles[0], patience)
      .toBe(
        'no outlet can be opened: gpiochip0: line 17: gpioset: error setting the GPIO line values: No such file or directory',
      );
  });

  it('closes the other pins of version 1 when one does not close', async () => {
    const { gates } = standIn(version1);
    await new Promise<void>((resolve) => gates.start(resolve));
    await gates.beat();
    await expect.poll(log, patience).toContain('--active-low --mode=wait gpiochip0 5=1');
    const stuck = join(folder, 'log.stuck');
    writeFileSync(stuck, '');
    await expect(gates.close()).rejects.toThrow('17=0');
    rmSync(stuck);
    expect(log()).toContain('released');
    expect(log()).toContain('--active-low --mode=exit gpiochip0 5=0');
  });

  it.each([
    [
      '0.3.1',
      'echo "gpioset (libgpiod) v0.3.1"',
      'is of libgpiod 0.3.1; libgpiod 2 or 1 is wanted: sudo apt-get install gpiod',
    ],
    ['none', 'echo "a program of the same name"', 'does not say its version (a program of the same name'],
    ['one that hangs', 'exec sleep 20', '--version did not end within 1000 ms; libgpiod 2 or 1 is wanted'],
  ])('says which version is wanted where there is %s', async (_, script, expected) => {
    const { gates, troubles } = standIn(`${script}\n`);
    gates.start(() => undefined);
    await expect.poll(() => troubles[0], patience).toContain(expected);
    expect(troubles[0]).not.toContain('\n');
  });

  it('says what a busy board does to version 1, and what would help', async () => {
    const { gates, troubles } = standIn(
      'case "$*" in *--version*) echo "gpioset (libgpiod) v1.6.3" ;; *) exec sleep 20 ;; esac\n',
    );
    gates.start(() => undefined);
    await expect
      .poll(() => troubles[0], patience)
      .toMatch(
        /line 17: .*17=0 did not end within 1000 ms; libgpiod 1 starts a program for each change.*Debian 13/,
      );
  });

  it('says that a version 2 without --interactive is of no use', async () => {
    const { gates, troubles } =
      standIn(`if [ "$1" = --version ]; then echo "gpioset (libgpiod) v2.1"; exit; fi
echo "gpioset: unrecognized option '--interactive'" >&2; exit 1
`);
    gates.start(() => undefined);
    await expect.poll(() => troubles[0], patience).toMatch(/built without --interactive/);
  });

  it('says which package is missing', async () => {
    const { gates, troubles } = standIn('exit');
    rmSync(join(folder, 'gpioset'));
    gates.start(() => undefined);
    await expect.poll(() => troubles[0], patience).toContain('sudo apt-get install gpiod');
  });
});

describe('sensors by GPIO', () => {
  const sensed: GpioGate = {
    ...config,
    outputs: [
      { gate: 1, lagMs: 20, pulseMs: 40, line: 17, confirm: { withinMs: 300, line: 22, activeLow: false } },
      { gate: 2, lagMs: 20, pulseMs: 40, line: 18, confirm: { withinMs: 300, line: 23, activeLow: true } },
    ],
  };
  /** Says what edges there were, then waits until it is told to end. */
  const monitor = (version: string, edges: string) => `case "$*" in
  *--version*) echo "gpiomon (libgpiod) v${version}" ;;
  *) echo "$*" > $log.sensors; printf '${edges}'; exec sleep 30 ;;
esac
`;

  it.each([
    ['1.6.3', '0', '--format=%o %e --line-buffered gpiochip0 22 23'],
    ['2.2.1', '2', '--format=%o %e --chip gpiochip0 22 23'],
  ])('see a fruit at each edge that is one, by gpiomon %s', async (version, falling, asked) => {
    const edges = `22 1\\n22 ${falling}\\n23 1\\n23 ${falling}\\n99 1\\nnonsense\\n22 1\\n`;
    const { gates } = standIn(version2, monitor(version, edges), sensed);
    const left: number[] = [];
    gates.start(
      () => undefined,
      (output) => left.push(output),
    );
    await expect.poll(() => left, patience).toEqual([0, 1, 0]);
    await expect.poll(() => gates.isSensing, patience).toBe(true);
    expect(readFileSync(join(folder, 'log.sensors'), 'utf8').trim()).toBe(asked);
  });

  it('leave the outlets alone when their pins are not to be had', async () => {
    const busy = `case "$*" in *--version*) echo "v1.6.3" ;; *) echo "line 22 is busy" >&2; exit 1 ;; esac`;
    const { gates, troubles } = standIn(version2, busy, sensed);
    await new Promise<void>((resolve) => gates.start(resolve));
    await expect.poll(() => troubles[0], patience).toContain('no shot is confirmed: gpiochip0');
    expect(troubles[0]).toContain('line 22 is busy');
    await gates.set(0, true);
    expect([gates.isUp, gates.isSensing]).toEqual([true, false]);
  });
});
