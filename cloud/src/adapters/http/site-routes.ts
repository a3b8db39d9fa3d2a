import { Type } from '@pomona/schema';
import { Problem, SiteChange, SiteDeliveryRequest, SiteView, Slug } from '@pomona/wire';
import type { SiteRules } from '../../use-cases/site-rules.ts';
import { actorOf } from './actor.ts';
import type { App } from './create-app.ts';

const failures = { '4xx': Problem, '5xx': Problem };
const Key = Type.Object({ site: Slug });

export function addSiteRoutes(app: App, sites: Pick<SiteRules, 'list' | 'set' | 'log'>): void {
  app.get(
    '/v1/sites',
    {
      config: { role: 'viewer' },
      schema: {
        summary: 'Sites with their cap and quiet hours',
        response: { 200: Type.Array(SiteView), ...failures },
      },
    },
    async () => [...(await sites.list())],
  );
  app.put(
    '/v1/sites/:site/delivery',
    {
      config: { role: 'operator' },
      schema: {
        summary: 'How fast and when releases go to a site; at once',
        params: Key,
        body: SiteDeliveryRequest,
        response: { 200: SiteView, ...failures },
      },
    },
    (request) => sites.set(request.params.site, request.body, actorOf(request)),
  );
  app.get(
    '/v1/sites/:site/log',
    {
      config: { role: 'viewer' },
      schema: {
        summary: 'Who changed the cap and the quiet hours of a site, newest first',
        params: Key,
        response: { 200: Type.Array(SiteChange), ...failures },
      },
    },
    async ({ params }) => [...(await sites.log(params.site))],
  );
}
