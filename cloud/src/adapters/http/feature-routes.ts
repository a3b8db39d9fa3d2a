import { Readable } from 'node:stream';
import { Type } from '@pomona/schema';
import { FeatureImportance, FeaturePage, FeatureQuery, FeatureSetView, Problem } from '@pomona/wire';
import { featureSets } from '../../domain/feature-set.ts';
import { featureImportance } from '../../use-cases/feature-importance.ts';
import { type FeaturePorts, featureRows, readFeatures } from '../../use-cases/read-features.ts';
import { featureCsv } from '../feature-csv.ts';
import type { App } from './create-app.ts';

const failures = { '4xx': Problem, '5xx': Problem };
const viewer = { role: 'viewer' as const };
const pageRows = 1_000;
const bodies = {
  'application/json': { schema: FeaturePage },
  'text/csv': {
    schema: Type.Unsafe<Readable>(
      Type.String({ description: 'names of keys and columns, then a line per row' }),
    ),
  },
};

const DatasetReference = Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,39}(@[0-9a-f]{4,64})?$' });

/** What there is, without the names that only this program uses. */
const setViews: FeatureSetView[] = featureSets.map(({ name: _, ...view }) => view);

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
          'Features of a dataset’s images, of graded fruits or of stations’ windows: a page of JSON, or all as CSV',
        querystring: FeatureQuery,
        response: { 200: { content: bodies }, ...failures },
      },
    },
    async (request, reply) => {
      const { query, headers } = request;
      const reading = await readFeatures(ports, query);
      const format = query.format ?? (headers.accept?.includes('text/csv') ? 'csv' : 'json');
      if (format === 'json') return reading.page(query.after ?? 0, query.limit ?? pageRows);
      const name = `${reading.set.set}${query.station === undefined ? '' : `-${query.station}`}.csv`;
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', `attachment; filename="${name}"`)
        .send(Readable.from(featureCsv(reading.set, featureRows(reading, query))));
    },
  );
}
