/**
 * Live events folded into what was fetched. All of it is pure and bounded, and returns its argument unchanged when an
 * event does not touch it, so that React redraws nothing.
 *
 * Every count comes from the stations' own events, which carry all their figures: what is told twice counts once, and
 * nothing is lost when the control plane leaves fruits out of a crowded `fruits` event. Those feed only the list of
 * the last fruits.
 */
import {
  type AlertView,
  type LiveEvent,
  type Overview,
  placeOrder,
  type StationView,
  type StoredFruit,
} from '@pomona/wire';

export const bucketMs = 10_000;
export const recentMs = 300_000;
export const fruitsKept = 60;

type GradeCounts = Overview['grades'];
type Bucket = Overview['recent'][number];

/**
 * More new fruits than this in one event are no line at work: they waited on a device that was cut off. When they were
 * graded the event does not tell, so the chart leaves them to the next answer that is fetched.
 */
const burstMost = 100;

export function foldOverview(overview: Overview, events: readonly LiveEvent[]): Overview {
  return events.reduce(
    (kept, event) => (event.kind === 'station' ? addStation(kept, event.station) : kept),
    overview,
  );
}

function addStation(overview: Overview, station: StationView): Overview {
  const before = overview.stations.find((view) => view.station === station.station);
  const stations = putStation(overview.stations, station);
  const fresh = newGrades(before?.grades ?? [], station.grades);
  const count = totalOf(fresh);
  return {
    ...overview,
    stations: [...stations],
    fruits: overview.fruits + station.fruits - (before?.fruits ?? 0),
    fruitsPerSecond: stations.reduce((sum, view) => sum + view.fruitsPerSecond, 0),
    grades: addGrades(overview.grades, fresh),
    recent:
      station.lastSeenAt === null || count === 0 || count > burstMost
        ? overview.recent
        : addRecent(overview.recent, fresh, Date.parse(station.lastSeenAt)),
  };
}

export function foldStation(view: StationView, events: readonly LiveEvent[]): StationView {
  const last = events.findLast((event) => event.kind === 'station' && event.station.station === view.station);
  return last?.kind === 'station' ? last.station : view;
}

/** Last to arrive first, each fruit once, at most `fruitsKept`. `station`: of that station alone. */
export function foldFruits(
  kept: readonly StoredFruit[],
  events: readonly LiveEvent[],
  station?: string,
): readonly StoredFruit[] {
  const fresh = fruitsOf(events).filter((fruit) => station === undefined || fruit.station === station);
  return fresh.length === 0 ? kept : newestFruits([...fresh, ...kept]);
}

/** Newest first; an alert that changed takes its old place. */
export function foldAlerts(alerts: AlertView[], events: readonly LiveEvent[]): AlertView[] {
  let kept = alerts;
  for (const event of events) {
    if (event.kind !== 'alert') continue;
    const index = kept.findIndex(({ id }) => id === event.alert.id);
    kept = index < 0 ? [event.alert, ...kept] : kept.with(index, event.alert);
  }
  return kept;
}

export function newestFruits(fruits: readonly StoredFruit[]): StoredFruit[] {
  const byKey = new Map(fruits.map((fruit) => [fruitKey(fruit), fruit]));
  return [...byKey.values()].sort(newestFirst).slice(0, fruitsKept);
}

/** Names a fruit for ever, as in the store. */
export function fruitKey(fruit: StoredFruit): string {
  return `${fruit.station}/${fruit.boot}/${fruit.seq}`;
}

function newestFirst(a: StoredFruit, b: StoredFruit): number {
  if (a.receivedAt !== b.receivedAt) return a.receivedAt < b.receivedAt ? 1 : -1;
  if (a.station !== b.station) return a.station < b.station ? -1 : 1;
  return b.seq - a.seq;
}

function fruitsOf(events: readonly LiveEvent[]): StoredFruit[] {
  return events.flatMap((event) => (event.kind === 'fruits' ? event.fruits : []));
}

function putStation(stations: readonly StationView[], station: StationView): readonly StationView[] {
  const index = stations.findIndex((other) => other.station === station.station);
  if (index >= 0) return stations.with(index, station);
  return [...stations, station].sort(placeOrder);
}

/** What is in `after` and was not in `before`. */
function newGrades(before: GradeCounts, after: GradeCounts): GradeCounts {
  const had = new Map(before.map(({ grade, count }) => [grade, count]));
  return after
    .map(({ grade, count }) => ({ grade, count: count - (had.get(grade) ?? 0) }))
    .filter(({ count }) => count > 0);
}

function addGrades(grades: GradeCounts, more: GradeCounts): GradeCounts {
  if (more.length === 0) return grades;
  const counts = new Map(grades.map(({ grade, count }) => [grade, count]));
  for (const { grade, count } of more) counts.set(grade, (counts.get(grade) ?? 0) + count);
  return [...counts].map(([grade, count]) => ({ grade, count }));
}

function totalOf(grades: GradeCounts): number {
  return grades.reduce((sum, { count }) => sum + count, 0);
}

/** Buckets keep the alignment that the control plane gave them, and go on from the last one. */
function addRecent(recent: readonly Bucket[], fresh: GradeCounts, atMs: number): Bucket[] {
  const buckets = [...recent];
  const index = bucketFor(buckets, atMs);
  const bucket = buckets[index];
  if (bucket !== undefined) buckets[index] = { at: bucket.at, grades: addGrades(bucket.grades, fresh) };
  const oldestMs = Date.parse(buckets.at(-1)?.at ?? '') - recentMs;
  return buckets.filter(({ at }) => Date.parse(at) > oldestMs);
}

/** Index of the bucket that holds `atMs`, made when it is later than all; -1 when it is before them. */
function bucketFor(buckets: Bucket[], atMs: number): number {
  const last = buckets.at(-1);
  const lastMs = last === undefined ? undefined : Date.parse(last.at);
  if (lastMs === undefined || atMs >= lastMs + bucketMs) {
    const origin = lastMs ?? 0;
    const startMs = origin + Math.floor((atMs - origin) / bucketMs) * bucketMs;
    buckets.push({ at: new Date(startMs).toISOString(), grades: [] });
    return buckets.length - 1;
  }
  return buckets.findLastIndex((bucket) => Date.parse(bucket.at) <= atMs);
}
