import { readdir, readFile, statfs } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { systemErrorCode } from '@pomona/wire';
import type { SystemFigures } from '../use-cases/report-health.ts';
import { throttledOf } from './raspberry-throttle.ts';

/** Where Linux shows its sensors (Documentation/ABI/testing/sysfs-class-thermal): millidegrees Celsius. */
const thermalFolder = '/sys/class/thermal';

interface Places {
  readonly sensorFolder?: string;
  /** A Raspberry Pi's program that asks its firmware; other boards have none. */
  readonly vcgencmd?: string;
}

export function systemFiguresOf(
  dataDir: string,
  { sensorFolder = thermalFolder, vcgencmd = 'vcgencmd' }: Places = {},
): SystemFigures {
  return {
    cpuMs() {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1_000;
    },
    rssBytes: () => process.memoryUsage.rss(),
    temperatureC: () => hottest(sensorFolder),
    loadAverage: () => loadavg()[0] ?? 0,
    throttled: throttledOf(vcgencmd),
    async diskFreeBytes() {
      const { bavail, bsize } = await statfs(dataDir);
      return bavail * bsize;
    },
  };
}

async function hottest(folder: string): Promise<number | null> {
  const zones = (await listed(folder)).filter((name) => name.startsWith('thermal_zone'));
  const readings = await Promise.all(zones.map((zone) => reading(join(folder, zone, 'temp'))));
  const valid = readings.filter((celsius) => celsius !== undefined);
  return valid.length === 0 ? null : Math.max(...valid);
}

async function listed(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    return [];
  }
}

/** A sensor that sleeps answers with an error. */
async function reading(file: string): Promise<number | undefined> {
  try {
    const milli = Number.parseInt(await readFile(file, 'utf8'), 10);
    return Number.isFinite(milli) ? milli / 1_000 : undefined;
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    return undefined;
  }
}
