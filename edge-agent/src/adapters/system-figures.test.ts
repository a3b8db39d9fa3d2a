import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemFiguresOf } from './system-figures.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pomona-figures-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function sensor(name: string, reading: string): void {
  mkdirSync(join(folder, name));
  writeFileSync(join(folder, name, 'temp'), reading);
}

describe('systemFiguresOf', () => {
  it('gives the hottest sensor in degrees, whatever else lies there', async () => {
    sensor('thermal_zone0', '48312\n');
    sensor('thermal_zone1', '61050\n');
    sensor('thermal_zone2', 'no reading');
    mkdirSync(join(folder, 'thermal_zone3'));
    sensor('cooling_device0', '99000');
    expect(await systemFiguresOf(folder, { sensorFolder: folder }).temperatureC()).toBe(61.05);
  });

  it('gives null where there is no sensor', async () => {
    expect(await systemFiguresOf(folder, { sensorFolder: join(folder, 'none') }).temperatureC()).toBeNull();
    expect(await systemFiguresOf(folder, { sensorFolder: folder }).temperatureC()).toBeNull();
  });

  it('gives figures of this process and this disk', async () => {
    const figures = systemFiguresOf(folder);
    expect(figures.cpuMs()).toBeGreaterThan(0);
    expect(figures.loadAverage()).toBeGreaterThanOrEqual(0);
    expect(figures.rssBytes()).toBeGreaterThan(1e7);
    expect(await figures.diskFreeBytes()).toBeGreaterThan(0);
  });

  const vcgencmd = (script: string) => {
    const program = join(folder, 'vcgencmd');
    writeFileSync(program, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return systemFiguresOf(folder, { vcgencmd: program }).throttled();
  };

  it('reads what a Raspberry Pi holds against its power and heat, now and before', async () => {
    expect(await vcgencmd('[ "$*" = get_throttled ] && echo throttled=0x50005')).toEqual({
      now: ['under-voltage', 'throttled'],
      sinceBoot: ['under-voltage', 'throttled'],
    });
    expect(await vcgencmd('echo throttled=0x80002')).toEqual({
      now: ['frequency-capped'],
      sinceBoot: ['soft-temperature-limit'],
    });
    expect(await vcgencmd('echo throttled=0x0')).toEqual({ now: [], sinceBoot: [] });
  });

  it('does not know where the firmware does not answer, or cannot be asked', async () => {
    expect(await vcgencmd('echo VCHI initialization failed; exit 255')).toBeNull();
    expect(await vcgencmd('echo error=1')).toBeNull();
    const none = systemFiguresOf(folder, { vcgencmd: join(folder, 'none') });
    expect(await none.throttled()).toBeNull();
    expect(await none.throttled()).toBeNull();
  });
});
