import { AcceptRequest, AppError, DatasetView, Problem, Slug } from '@pomona/wire';
import { Type } from 'typebox';
import { type AcceptPorts, acceptQuarantined } from '../../use-cases/accept-quarantined.ts';
import { actorOf } from './actor.ts';
import type { App } from './create-app.ts';

export interface DatasetPorts extends Omit<AcceptPorts, 'datasets'> {
  readonly datasets: AcceptPorts['datasets'] & {
    find(name: string, digestPrefix: string): Promise<DatasetView | undefined>;
  };
}

const params = Type.Object({ name: Slug, digest: Type.String({ pattern: '^[0-9a-f]{4,64}$' }) });
const failures = { '4xx': Problem, '5xx': Problem };

export function addDatasetRoutes(app: App, ports: DatasetPorts): void {
  app.post(
    '/v1/datasets/:name/:digest/accept',
    {
      config: { role: 'operator' },
      schema: {
        summary:
          'Take photographs out of the quarantine; answers the new version, which says who did so and why',
        params,
        body: AcceptRequest,
        response: { 201: DatasetView, ...failures },
      },
    },
    async (request, reply) => {
      const { name, digest } = request.params;
      const view = await ports.datasets.find(name, digest);
      if (view === undefined)
        throw new AppError('dataset-unknown', `there is no dataset ${name}@${digest}`, {
          hint: 'See the list: pomona dataset list.',
        });
      const accepted = await acceptQuarantined(ports, view, { ...request.body, by: actorOf(request) });
      return reply.code(201).send(accepted);
    },
  );
}
