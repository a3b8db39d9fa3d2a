import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemErrorCode } from '@pomona/wire';

interface Places {
  readonly procFolder?: string;
  readonly cgroupFolder?: string;
}

/**
 * What this process may still take: the system's free memory, or less where its service has a limit (cgroup v2, the kernel's
 * Documentation/admin-guide/cgroup-v2.rst). Pages of files that nobody uses count as free. Undefined where nothing tells.
 */
export async function freeMemoryBytes({
  procFolder = '/proc',
  cgroupFolder = '/sys/fs/cgroup',
}: Places = {}): Promise<number | undefined> {
  const system = /^MemAvailable:\s+(\d+) kB$/m.exec(await textOf(join(procFolder, 'meminfo')))?.[1];
  const path = /^0::(\/.*)$/m.exec(await textOf(join(procFolder, 'self', 'cgroup')))?.[1] ?? '/';
  const limits = [system === undefined ? undefined : Number(system) * 1_024];
  // A container sees its own group as the root. The limit of a group above holds as well.
  for (let group = path; ; group = group.slice(0, group.lastIndexOf('/'))) {
    limits.push(await freeOfGroup(join(cgroupFolder, group)));
    if (group === '' || group === '/') break;
  }
  const known = limits.filter((bytes) => bytes !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

async function freeOfGroup(folder: string): Promise<number | undefined> {
  const [max, current, stat] = await Promise.all(
    ['memory.max', 'memory.current', 'memory.stat'].map((name) => textOf(join(folder, name))),
  );
  const limit = Number.parseInt(max!, 10);
  const used = Number.parseInt(current!, 10);
  // "max" is no limit.
  if (!Number.isFinite(limit) || !Number.isFinite(used)) return undefined;
  const unusedPages = Number(/^inactive_file (\d+)$/m.exec(stat!)?.[1] ?? 0);
  return Math.max(0, limit - used + unusedPages);
}

/** Empty where there is no such file. */
async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    return '';
  }
}
