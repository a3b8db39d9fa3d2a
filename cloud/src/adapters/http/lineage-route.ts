import { Lineage, LineageQuery, Problem } from '@pomona/wire';
import { type LineagePorts, traceLineage } from '../../use-cases/trace-lineage.ts';
import type { App } from './create-app.ts';

export function addLineageRoute(app: App, ports: LineagePorts): void {
  app.get(
    '/v1/lineage',
    {
      config: { role: 'viewer' },
      schema: {
        summary:
          'From a photograph, a dataset version or a model to what learnt from it and where that ran, and back to what it was made of',
        querystring: LineageQuery,
        response: { 200: Lineage, '4xx': Problem, '5xx': Problem },
      },
    },
    ({ query }) => traceLineage(ports, query),
  );
}
