import { type TObject, Type } from '@pomona/schema';
import type { RouteOptions } from 'fastify';

/**
 * A parameter that a route does not have is refused, as a field of a body is: who asks for `?sation=left` must not get
 * the fruit of all stations for an answer.
 */
export function closeQuery(route: RouteOptions): void {
  if (!route.url.startsWith('/v1/')) return;
  const query = route.schema?.querystring as (TObject & { additionalProperties?: unknown }) | undefined;
  if (query?.additionalProperties === false) return;
  const closed = Type.Object(query?.properties ?? {}, { additionalProperties: false });
  route.schema = { ...route.schema, querystring: closed };
}
