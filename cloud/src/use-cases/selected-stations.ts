import { AppError, type StationQuery, type StationView } from '@pomona/wire';
import { absentPlaces, selectStations } from '../domain/station-query.ts';
import { whatThereIs } from '../domain/what-there-is.ts';

/**
 * The names of the stations that a rollout is for, at least one. Who lists three stations and misspells one must not believe that all three get
 * the release. Errors: `place-unknown`, `rollout-empty`.
 */
export function selectedStations(query: StationQuery, views: readonly StationView[]): readonly string[] {
  const absent = absentPlaces(query, views);
  if (absent.length > 0) {
    const there = [...new Set(absent.map(({ part }) => part))].map((part) =>
      whatThereIs(
        views.map((view) => view[part]),
        `${part} `,
      ),
    );
    const named = absent.map(({ part, name }) => `${part} ${name}`);
    throw new AppError('place-unknown', `there is no ${named.join(', no ')}`, {
      hint: `${there.join(' ')} A pattern with * may match nothing. See all: pomona station list.`,
    });
  }
  const stations = selectStations(query, views).map(({ station }) => station);
  if (stations.length === 0)
    throw new AppError('rollout-empty', `no station matches ${wordsOf(query)}`, {
      hint: `${whatThereIs(
        views.map(({ station }) => station),
        'station ',
      )} See what each of them is: pomona station list.`,
    });
  return stations;
}

function wordsOf(query: StationQuery): string {
  const words = Object.entries(query).map(([name, patterns]) => `${name} ${patterns.join(' or ')}`);
  return words.length === 0 ? 'the query' : words.join(' and ');
}
