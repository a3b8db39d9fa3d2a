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
function standIn(script: string) {
  const command = join(folder, 'gpioset');
  writeFileSync(command, `#!/bin/sh\nlog=${folder}/log\n${script}`);
  chmodSync(command, 0o755);
  const troubles: string[] = [];
  const gates = gpioGates(
    config,
    {
      scheduler: systemScheduler,
      random: seededRandom(1),
      onTrouble: (_, message) => troubles.push(message),
    },
    { command, args: [] },
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
    expect(log()).toEqual([
      '--active-low --mode=exit gpiochip0 17=0',
      '--active-low --mode=exit gpiochip0 5=0',
      '--active-low --mode=wait gpiochip0 17=1',
      'released',
      '--active-low --mode=exit gpiochip0 17=0',
      '--active-low --mode=exit gpiochip0 17=0',
      '--active-low --mode=exit gpiochip0 5=0',
    ]);
  });

  it('says which package is missing', async () => {
    const { gates, troubles } = standIn('exit');
    rmSync(join(folder, 'gpioset'));
    gates.start(() => undefined);
    await expect.poll(() => troubles[0], patience).toContain('sudo apt-get install gpiod');
  });
});
