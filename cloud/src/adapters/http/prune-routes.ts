import { Problem, PruneReport, PruneRequest } from '@pomona/wire';
import { type PrunePorts, previewPrune, pruneModels } from '../../use-cases/prune-models.ts';
import { actorOf } from './actor.ts';
import type { App } from './create-app.ts';

const response = { 200: PruneReport, '4xx': Problem, '5xx': Problem };

export function addPruneRoutes(app: App, ports: PrunePorts): void {
  app.get(
    '/v1/models/prune',
    {
      config: { role: 'admin' },
      schema: {
        summary: 'Which versions the project’s rule would remove now, and why the others stay',
        response,
      },
    },
    () => previewPrune(ports),
  );
  app.post(
    '/v1/models/prune',
    {
      config: { role: 'admin' },
      schema: {
        summary: 'Removes versions that nobody needs, and their files',
        body: PruneRequest,
        response,
      },
    },
    (request) => pruneModels(ports, { actor: actorOf(request), reason: request.body.reason }),
  );
}
