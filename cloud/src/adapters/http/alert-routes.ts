import { Type } from '@pomona/schema';
import { AlertAcknowledgement, AlertView, Problem } from '@pomona/wire';
import type { Alerts } from '../../use-cases/alerts.ts';
import { actorOf } from './actor.ts';
import type { App } from './create-app.ts';

const failures = { '4xx': Problem, '5xx': Problem };

export function addAlertRoutes(app: App, alerts: Pick<Alerts, 'list' | 'acknowledge'>): void {
  app.get(
    '/v1/alerts',
    {
      config: { role: 'viewer' },
      schema: {
        summary: 'Alerts: open ones first, then those that are over; each newest first',
        response: { 200: Type.Array(AlertView), ...failures },
      },
    },
    () => alerts.list(),
  );
  app.post(
    '/v1/alerts/:id/acknowledge',
    {
      config: { role: 'operator' },
      schema: {
        summary: 'Says that somebody has seen to it, and how',
        params: Type.Object({ id: Type.Integer({ minimum: 1 }) }),
        body: AlertAcknowledgement,
        response: { 200: AlertView, ...failures },
      },
    },
    (request) => alerts.acknowledge(request.params.id, actorOf(request), request.body.note),
  );
}
