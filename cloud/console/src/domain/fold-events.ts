/**
 * Live events folded into what was fetched. All of it is pure and bounded, and returns its argument unchanged when an
 * event does not touch it, so that React redraws nothing.
 *
 * A fruit counts into an overview only if the control plane received it after it made that overview: one that is in
 * the answer already must not count again when its event comes later. A station's own figures are never added to;
 * its event carries all of them.
 */
import type { LiveEvent, Overview, StationView, StoredFruit } from '@pomona/wire';

export const bucketMs = 10_000;
export const recentMs = 300_000;
export const fruitsKept = 60;

type GradeCounts = Overview['grades'];
type Bucket = Overview['recent'][number];

export function foldOverview(overview: Overview, events: readonly LiveEvent[]): Overview {
  const fruits = fruitsOf(events).filter((fruit) => fruit.receivedAt > overview.at);
  const stations = foldStations(overview.stations, events);
  if (fruits.length === 0 && stations === overview.stations) return overview;
  return {
    ...overview,
    stations: [...stations],
    fruits: overview.fruits + fruits.length,
    fruitsPerSecond:
      stations === overview.stations
        ? overview.fruitsPerSecond
        : stations.reduce((sum, station) => sum + station.fruitsPerSecond, 0),
    grades: addGrades(overview.grades, fruits),
    recent: addRecent(
      overview.recent,
      fruits.map((fruit) => ({ fruit, atMs: countedAtMs(fruit, stations) })),
    ),
  };
}

/** Puts the stations' events in; a station that is new goes to its place in the order. */
export function foldStations(
  stations: readonly StationView[],
  events: readonly LiveEvent[],
): readonly StationView[] {
  return events.reduce(
    (views, event) => (event.kind === 'station' ? putStation(views, event.station) : views),
    stations,
  );
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
  return [...stations, station].sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
}

function placeOf(station: StationView): string {
  return `${station.site}/${station.line}/${station.station}`;
}

function addGrades(grades: GradeCounts, fruits: readonly StoredFruit[]): GradeCounts {
  if (fruits.length === 0) return grades;
  const counts = new Map(grades.map(({ grade, count }) => [grade, count]));
  for (const { grade } of fruits) counts.set(grade, (counts.get(grade) ?? 0) + 1);
  return [...counts].map(([grade, count]) => ({ grade, count }));
}

interface CountedFruit {
  readonly fruit: StoredFruit;
  readonly atMs: number;
}

/** As the control plane counts: a device's clock says when, if it is synchronised, but never later than arrival. */
function countedAtMs(fruit: StoredFruit, stations: readonly StationView[]): number {
  const receivedMs = Date.parse(fruit.receivedAt);
  const clock = stations.find(({ station }) => station === fruit.station)?.status?.clock;
  return clock === 'synced' ? Math.min(Date.parse(fruit.at), receivedMs) : receivedMs;
}

/** Buckets keep the alignment that the control plane gave them, and go on from the last one. */
function addRecent(recent: readonly Bucket[], fruits: readonly CountedFruit[]): Bucket[] {
  const buckets = [...recent];
  for (const { fruit, atMs } of fruits.toSorted((a, b) => a.atMs - b.atMs)) {
    const index = bucketFor(buckets, atMs);
    const bucket = buckets[index];
    if (bucket !== undefined) buckets[index] = { at: bucket.at, grades: addGrades(bucket.grades, [fruit]) };
  }
  const last = buckets.at(-1);
  if (last === undefined) return buckets;
  const oldestMs = Date.parse(last.at) - recentMs;
  return buckets.filter((bucket) => Date.parse(bucket.at) > oldestMs);
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
