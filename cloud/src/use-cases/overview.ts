import {
  type Clock,
  type Desired,
  naturalOrder,
  type Overview,
  type SignedEnvelope,
  type StationView,
} from '@pomona/wire';
import { bucketOf, rollupMs } from '../domain/rollup.ts';
import { stationCondition } from '../domain/station-condition.ts';
import type { GradeTotal, Rejection, Rollup, StationRecord } from './ports.ts';

/** Rates are means over the whole buckets of this time. */
const rateMs = 30_000;
const recentMs = 5 * 60_000;

export interface OverviewPorts {
  readonly stations: {
    list(): Promise<readonly StationRecord[]>;
    findMany(stations: readonly string[]): Promise<readonly StationRecord[]>;
  };
  readonly fruits: {
    totals(): Promise<readonly GradeTotal[]>;
    rollups(sinceMs: number): Promise<readonly Rollup[]>;
  };
  readonly desired: {
    list(): Promise<
      readonly {
        readonly station: StationRecord;
        readonly desired: Desired;
        readonly envelope: SignedEnvelope;
      }[]
    >;
  };
  readonly rejections: { list(): Promise<readonly Rejection[]> };
  readonly clock: Clock;
}

export async function overview(ports: OverviewPorts): Promise<Overview> {
  const nowMs = ports.clock.nowMs();
  const sinceMs = bucketOf(nowMs) - recentMs + rollupMs;
  const records = await ports.stations.list();
  const counts = await readCounts(ports, nowMs, sinceMs);
  const rejected = await ports.rejections.list();
  return {
    at: new Date(nowMs).toISOString(),
    stations: records.map((record) => stationView(record, counts)),
    fruits: sum(counts.totals),
    fruitsPerSecond: rateOf(counts.rated, counts.rateSeconds),
    grades: byGrade(counts.totals),
    rejectedMessages: rejected.map(({ station, channel, cause, count }) => ({
      station,
      channel,
      cause,
      count,
    })),
    recent: recentBuckets(counts.rollups, sinceMs, bucketOf(nowMs)),
  };
}

export async function stationViews(
  ports: OverviewPorts,
  records: readonly StationRecord[],
): Promise<StationView[]> {
  const nowMs = ports.clock.nowMs();
  const counts = await readCounts(ports, nowMs, bucketOf(nowMs) - rateMs);
  return records.map((record) => stationView(record, counts));
}

interface Counts {
  readonly nowMs: number;
  readonly totals: readonly GradeTotal[];
  readonly rollups: readonly Rollup[];
  /** The part of `rollups` that rates are made of, and how long that is. */
  readonly rated: readonly Rollup[];
  readonly rateSeconds: number;
  readonly desired: ReadonlyMap<number, Desired>;
}

async function readCounts(ports: OverviewPorts, nowMs: number, sinceMs: number): Promise<Counts> {
  const totals = await ports.fruits.totals();
  const rollups = await ports.fruits.rollups(sinceMs);
  const desired = new Map((await ports.desired.list()).map((one) => [one.station.id, one.desired]));
  const rateFrom = bucketOf(nowMs) - rateMs;
  const rated = rollups.filter(({ bucket }) => bucket >= rateFrom);
  return { nowMs, totals, rollups, rated, rateSeconds: (nowMs - rateFrom) / 1000, desired };
}

function stationView(record: StationRecord, counts: Counts): StationView {
  const own = counts.totals.filter(({ stationId }) => stationId === record.id);
  const rated = counts.rated.filter(({ stationId }) => stationId === record.id);
  const desired = counts.desired.get(record.id);
  return {
    site: record.site,
    line: record.line,
    station: record.station,
    enrolledAt: instant(record.enrolledAtMs),
    lastSeenAt: instant(record.lastSeenAtMs),
    condition: stationCondition(record, counts.nowMs),
    status: record.status,
    reported: record.reported,
    health: record.health,
    desired: desired ? orderOf(desired) : null,
    fruits: sum(own),
    fruitsPerSecond: rateOf(rated, counts.rateSeconds),
    grades: byGrade(own),
  };
}

function recentBuckets(rollups: readonly Rollup[], fromMs: number, toMs: number): Overview['recent'] {
  const recent: Overview['recent'] = [];
  const byBucket = new Map<number, Rollup[]>();
  for (const rollup of rollups) {
    const known = byBucket.get(rollup.bucket);
    if (known) known.push(rollup);
    else byBucket.set(rollup.bucket, [rollup]);
  }
  for (let bucket = fromMs; bucket <= toMs; bucket += rollupMs)
    recent.push({ at: new Date(bucket).toISOString(), grades: byGrade(byBucket.get(bucket) ?? []) });
  return recent;
}

function byGrade(counts: readonly GradeTotal[]): { grade: string; count: number }[] {
  const sums = new Map<string, number>();
  for (const { grade, count } of counts) sums.set(grade, (sums.get(grade) ?? 0) + count);
  return [...sums].map(([grade, count]) => ({ grade, count })).sort((a, b) => naturalOrder(a.grade, b.grade));
}

function sum(counts: readonly GradeTotal[]): number {
  return counts.reduce((total, { count }) => total + count, 0);
}

function rateOf(counts: readonly GradeTotal[], seconds: number): number {
  return Math.round((sum(counts) / seconds) * 100) / 100;
}

function instant(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

function orderOf({ counter, release, at, recipe, shadow }: Desired): StationView['desired'] {
  return {
    ...{ counter, release, at, recipe: { name: recipe.name ?? null, version: recipe.version } },
    ...(shadow && { shadow: { rollout: shadow.rollout, release: shadow.release } }),
  };
}
