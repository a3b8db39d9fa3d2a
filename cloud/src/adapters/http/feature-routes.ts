import { Readable } from 'node:stream';
import { Type } from '@pomona/schema';
import { FeatureImportance, FeaturePage, FeatureQuery, FeatureSetView, Problem } from '@pomona/wire';
import { embeddingSets } from '../../domain/embedding-set.ts';
import { featureSets } from '../../domain/feature-set.ts';
import { featureImportance } from '../../use-cases/feature-importance.ts';
import { type FeaturePorts, featureRows, readFeatures } from '../../use-cases/read-features.ts';
import { featureCsv } from '../feature-csv.ts';
import { featureParquet } from '../feature-parquet.ts';
import { actorOf } from './actor.ts';
import type { App } from './create-app.ts';

const failures = { '4xx': Problem, '5xx': Problem };
const viewer = { role: 'viewer' as const };
const pageRows = 1_000;
const parquetType = 'application/vnd.apache.parquet';
const bodies = {
  'application/json': { schema: FeaturePage },
  'text/csv': {
    schema: Type.Unsafe<Readable>(
      Type.String({ description: 'names of keys and columns, then a line per row' }),
    ),
  },
  [parquetType]: {
    schema: Type.Unsafe<Readable>(
      Type.String({ description: 'a Parquet file: text, whole numbers, instants (UTC) and doubles' }),
    ),
  },
};

const DatasetReference = Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,39}(@[0-9a-f]{4,64})?$' });

/** What there is, without the names that only this program uses. */
const setViews: FeatureSetView[] = [...featureSets.map(({ name: _, ...view }) => view), embeddingSets];

export function addFeatureRoutes(app: App, ports: FeaturePorts): void {
  app.get(
    '/v1/features/sets',
    {
      config: viewer,
      schema: {
        summary: 'Feature sets: what each column is, and in which unit',
        response: { 200: Type.Array(FeatureSetView), ...failures },
      },
    },
    () => setViews,
  );
  app.get(
    '/v1/features/importance',
    {
      config: viewer,
      schema: {
        summary: 'Permutation importance of the figures of a dataset version’s pictures, with intervals',
        querystring: Type.Object({ dataset: DatasetReference }, { additionalProperties: false }),
        response: { 200: FeatureImportance, ...failures },
      },
    },
    ({ query }) => featureImportance(ports, query.dataset),
  );
  app.get(
    '/v1/features',
    {
      config: viewer,
      schema: {
        summary:
          'Features of a dataset’s images, of graded fruits (with their labels as of an instant) or of stations’ windows: a page of JSON, or all as CSV or Parquet',
        querystring: FeatureQuery,
        response: { 200: { content: bodies }, ...failures },
      },
    },
    async (request, reply) => {
      const { query, headers } = request;
      const reading = await readFeatures(ports, query, actorOf(request));
      const format = query.format ?? formatOf(headers.accept);
      if (format === 'json') return reading.page(query.after ?? 0, query.limit ?? pageRows);
      const name = `${reading.set.set}${query.station === undefined ? '' : `-${query.station}`}.${format}`;
      const rows = featureRows(reading, query);
      return reply
        .type(format === 'csv' ? 'text/csv; charset=utf-8' : parquetType)
        .header('content-disposition', `attachment; filename="${name}"`)
        .send(
          Readable.from(format === 'csv' ? featureCsv(reading.set, rows) : featureParquet(reading.set, rows)),
        );
    },
  );
}

function formatOf(accept = ''): 'json' | 'csv' | 'parquet' {
  if (accept.includes('text/csv')) return 'csv';
  return accept.includes(parquetType) ? 'parquet' : 'json';
}
