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
    expect(await systemFiguresOf(folder, folder).temperatureC()).toBe(61.05);
  });

  it('gives null where there is no sensor', async () => {
    expect(await systemFiguresOf(folder, join(folder, 'none')).temperatureC()).toBeNull();
    expect(await systemFiguresOf(folder, folder).temperatureC()).toBeNull();
  });

  it('gives figures of this process and this disk', async () => {
    const figures = systemFiguresOf(folder);
    expect(figures.cpuMs()).toBeGreaterThan(0);
    expect(figures.rssBytes()).toBeGreaterThan(1e7);
    expect(await figures.diskFreeBytes()).toBeGreaterThan(0);
  });
});
