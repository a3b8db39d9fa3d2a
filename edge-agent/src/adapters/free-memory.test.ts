import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { freeMemoryBytes } from './free-memory.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pomona-memory-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const free = (files: Record<string, string>) => {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return freeMemoryBytes({ procFolder: join(folder, 'proc'), cgroupFolder: join(folder, 'cgroup') });
};
const meminfo = 'MemTotal:        1000000 kB\nMemFree:           10000 kB\nMemAvailable:     400000 kB\n';
const unit = 'cgroup/system.slice/pomona-agent.service';

it('is what the system has available where no group has a limit', async () => {
  expect(
    await free({
      'proc/meminfo': meminfo,
      'proc/self/cgroup': '0::/system.slice/pomona-agent.service\n',
      [`${unit}/memory.max`]: 'max\n',
      [`${unit}/memory.current`]: '5000\n',
    }),
  ).toBe(400_000 * 1_024);
});

it('is what the service’s limit leaves, pages of files that nobody uses left out', async () => {
  expect(
    await free({
      'proc/meminfo': meminfo,
      'proc/self/cgroup': '0::/system.slice/pomona-agent.service\n',
      [`${unit}/memory.max`]: '300000000\n',
      [`${unit}/memory.current`]: '200000000\n',
      [`${unit}/memory.stat`]: 'anon 150000000\ninactive_file 40000000\nactive_file 1\n',
    }),
  ).toBe(140_000_000);
});

it('is what the limit of a group above leaves', async () => {
  expect(
    await free({
      'proc/self/cgroup': '0::/system.slice/pomona-agent.service\n',
      'cgroup/system.slice/memory.max': '1000\n',
      'cgroup/system.slice/memory.current': '1200\n',
    }),
  ).toBe(0);
});

it('is a container’s limit, which it sees as the root’s', async () => {
  expect(
    await free({
      'proc/meminfo': meminfo,
      'proc/self/cgroup': '0::/\n',
      'cgroup/memory.max': '9000\n',
      'cgroup/memory.current': '4000\n',
    }),
  ).toBe(5_000);
});

it('is unknown where nothing tells, and known on this system', async () => {
  expect(await free({})).toBeUndefined();
  if (process.platform === 'linux') expect(await freeMemoryBytes()).toBeGreaterThan(0);
});
