import type { StationQuery, StationView } from '@pomona/wire';

/** The stations that match, those that are online first: a canary that is switched off proves nothing. */
export function selectStations(query: StationQuery, views: readonly StationView[]): readonly StationView[] {
  const tests = Object.entries(query).map(([name, patterns]) => {
    const matches = patterns.map(patternOf);
    return (view: StationView) => {
      const value = attributesOf(view)[name as keyof StationQuery];
      return value !== null && matches.some((pattern) => pattern.test(value));
    };
  });
  return views
    .filter((view) => tests.every((test) => test(view)))
    .toSorted((a, b) => Number(isOnline(b)) - Number(isOnline(a)) || (a.station < b.station ? -1 : 1));
}

const namingParts = ['site', 'line', 'station'] as const;

interface Place {
  readonly part: (typeof namingParts)[number];
  readonly name: string;
}

/** The places that a query names without a star and at which no station stands: mostly misspelt. */
export function absentPlaces(query: StationQuery, views: readonly StationView[]): readonly Place[] {
  return namingParts.flatMap((part) => {
    const there = new Set(views.map((view) => view[part]));
    const named = (query[part] ?? []).filter((pattern) => !pattern.includes('*') && !there.has(pattern));
    return named.map((name) => ({ part, name }));
  });
}

function attributesOf(view: StationView): Record<keyof StationQuery, string | null> {
  const release = view.reported?.running?.release;
  return {
    site: view.site,
    line: view.line,
    station: view.station,
    board: view.status?.board ?? null,
    release: release ? `${release.name}@${release.version}` : null,
  };
}

function isOnline(view: StationView): boolean {
  return view.status?.state === 'online';
}

function patternOf(glob: string): RegExp {
  const escaped = glob
    .split(/\*+/)
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${escaped}$`, 's');
}
