import { Type } from '@pomona/schema';
import { DriftDetail, DriftQuery, DriftSummary, Problem, Slug } from '@pomona/wire';
import type { App } from './create-app.ts';
import { appError } from './problem.ts';

export interface DriftRoutePorts {
  /** By name. */
  list(): Promise<DriftSummary[]>;
  /** Undefined for a station that is not known. */
  find(station: string, windows: number): Promise<DriftDetail | undefined>;
}

const failures = { '4xx': Problem, '5xx': Problem };
const config = { role: 'viewer' as const };

export function addDriftRoutes(app: App, { list, find }: DriftRoutePorts): void {
  app.get(
    '/v1/drift',
    {
      config,
      schema: {
        summary: 'How the fruit of each station compares with its own baseline',
        response: { 200: Type.Array(DriftSummary), ...failures },
      },
    },
    () => list(),
  );
  app.get(
    '/v1/drift/:station',
    {
      config,
      schema: {
        summary: 'The windows of a station with statistics, limits and verdicts',
        params: Type.Object({ station: Slug }),
        querystring: DriftQuery,
        response: { 200: DriftDetail, ...failures },
      },
    },
    async ({ params: { station }, query: { windows = 100 } }) => {
      const found = await find(station, windows);
      if (found !== undefined) return found;
      throw appError('station-unknown', `there is no station ${station}`, 'See the list: /v1/drift.');
    },
  );
}
