import { Type } from '@pomona/schema';
import { CreatedWebhook, NewWebhook, Problem, WebhookView } from '@pomona/wire';
import type { Webhooks } from '../../use-cases/webhooks.ts';
import { actorOf } from './actor.ts';
import type { App } from './create-app.ts';

const failures = { '4xx': Problem, '5xx': Problem };
const config = { role: 'admin' } as const;
const params = Type.Object({ id: Type.Integer({ minimum: 1 }) });

export function addWebhookRoutes(
  app: App,
  webhooks: Pick<Webhooks, 'add' | 'list' | 'remove' | 'test'>,
): void {
  app.get(
    '/v1/webhooks',
    {
      config,
      schema: { summary: 'Who is told of alerts', response: { 200: Type.Array(WebhookView), ...failures } },
    },
    () => webhooks.list(),
  );
  app.post(
    '/v1/webhooks',
    {
      config,
      schema: {
        summary: 'Tell a URL of alerts; the secret of its signatures is answered once',
        body: NewWebhook,
        response: { 201: CreatedWebhook, ...failures },
      },
    },
    async (request, reply) => reply.code(201).send(await webhooks.add(request.body.url, actorOf(request))),
  );
  app.delete(
    '/v1/webhooks/:id',
    {
      config,
      schema: { summary: 'Tell it no more', params, response: { 204: Type.Null(), ...failures } },
    },
    async (request, reply) => {
      await webhooks.remove(request.params.id, actorOf(request));
      return reply.code(204).send(null);
    },
  );
  app.post(
    '/v1/webhooks/:id/test',
    {
      config,
      schema: {
        summary: 'Sends a test at once, and says how that went',
        params,
        response: { 200: WebhookView, ...failures },
      },
    },
    (request) => webhooks.test(request.params.id),
  );
}
