import type { BenchRow } from '@pomona/training';
import { benchRow } from './bench-plane.ts';
import type { LineFaults } from './line-faults.ts';
import type { WatchedLine } from './line-watch.ts';
import { openDataFolder } from './with-registry.ts';

/** What the control plane stored of the line. */
export interface StoredFruits {
  readonly fruits: number;
  readonly viewsMean: number;
  readonly p99Ms: number;
}

const limits = { p99Ms: 50, pauseMs: 5, views: 8, firstGradeS: 5, installedMb: 120 };

/** Of fruit that was decided from `fromMs` on the figures, of all the number. */
export async function readStored(dataFolder: string, fromMs: number): Promise<StoredFruits> {
  const db = await openDataFolder(dataFolder);
  try {
    const all = await db.selectFrom('fruits').select(db.fn.countAll().as('count')).executeTakeFirstOrThrow();
    const rows = await db
      .selectFrom('fruits')
      .select(['latency_ms', 'views'])
      .where('at', '>=', fromMs)
      .orderBy('latency_ms')
      .execute();
    const views = rows.reduce((sum, row) => sum + row.views, 0);
    return {
      fruits: Number(all.count),
      viewsMean: views / Math.max(1, rows.length),
      p99Ms: rows[Math.max(0, Math.ceil(rows.length * 0.99) - 1)]?.latency_ms ?? 0,
    };
  } finally {
    await db.destroy();
  }
}

/** When the first fruit from `fromMs` on was decided; undefined while none is stored. */
export async function readFirstGrade(dataFolder: string, fromMs: number): Promise<number | undefined> {
  const db = await openDataFolder(dataFolder);
  try {
    const first = await db
      .selectFrom('fruits')
      .select(db.fn.min('at').as('at'))
      .where('at', '>=', fromMs)
      .executeTakeFirst();
    return first?.at == null ? undefined : Number(first.at);
  } finally {
    await db.destroy();
  }
}

/** Of an agent that has a release: from its program's start to the first grade, and what it takes on a disk. */
export function installationRows(
  { firstGradeMs, emptyMs }: { readonly firstGradeMs: number; readonly emptyMs: number },
  installedBytes: number,
): BenchRow[] {
  return [
    benchRow(
      `start of the agent to its first grade (limit ${limits.firstGradeS})`,
      firstGradeMs / 1000,
      's',
      ['of it an empty belt', emptyMs / 1000],
    ),
    benchRow(
      `installed: the agent and all it needs but Node.js (limit ${limits.installedMb})`,
      installedBytes / 1e6,
      'MB',
    ),
  ];
}

export function lineRows(
  asked: { readonly minutes: number; readonly lanes: number; readonly rate: number },
  line: WatchedLine,
  { stored, decided }: { readonly stored: StoredFruits; readonly decided: number },
  pausesMs: readonly number[],
  { counts }: LineFaults,
): BenchRow[] {
  const minutes = (line.seconds / 60).toFixed(1);
  const [rssFirst, rssLast] = line.rssMb;
  return [
    benchRow(
      `${asked.lanes} lanes: fruits graded in ${minutes} min`,
      line.fruits / line.seconds,
      'fruits/s',
      ['shown', asked.rate * asked.lanes],
    ),
    benchRow(`views of a fruit (goal ${limits.views})`, stored.viewsMean, 'views'),
    benchRow('missed deadlines (limit 0)', line.missedDeadlines, 'fruits'),
    benchRow('frames that nobody had time for', line.droppedFrames, 'frames'),
    benchRow(`last view to decision, 99 % of all fruits (limit ${limits.p99Ms})`, stored.p99Ms, 'ms'),
    benchRow('the same in the worst ten seconds', line.p99Ms, 'ms'),
    benchRow(
      `longest of ${pausesMs.length} pauses for garbage, all threads (limit ${limits.pauseMs})`,
      Math.max(0, ...pausesMs),
      'ms',
    ),
    benchRow(
      `of them above ${limits.pauseMs} ms`,
      pausesMs.filter((ms) => ms > limits.pauseMs).length,
      'pauses',
    ),
    benchRow('memory in the last quarter of the time', rssLast, 'MB', ['in the first', rssFirst]),
    benchRow('processor', line.cpuPercent, '% of a core'),
    benchRow(`fruits lost of ${decided} (limit 0)`, decided - stored.fruits, 'fruits'),
    benchRow('times that the grading worker was started again (limit 0)', line.restarts, 'times'),
    ...[...counts].map(([fault, count]) => benchRow(`${fault}`, count, 'times')),
  ];
}
