import type { TSchema } from '@pomona/schema';
import { StationConfig } from './station-config.ts';

type JsonSchema = Readonly<Record<string, unknown>>;

/** Filled in by code when they are missing, so they carry no `default` of their own. */
const filledIn = ['gate', 'geometry', 'file'];

/** JSON Schema of what a person writes: as `StationConfig`, but what has a default may be left out. */
export function stationFileSchema(): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Pomona station configuration',
    ...(relaxed(StationConfig) as JsonSchema),
  };
}

function relaxed(schema: unknown): unknown {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return schema;
  const { properties, required, ...rest } = schema as {
    properties?: Record<string, TSchema>;
    required?: readonly string[];
    anyOf?: readonly TSchema[];
  };
  if (rest.anyOf !== undefined) return { ...rest, anyOf: rest.anyOf.map(relaxed) };
  if ('items' in rest) return { ...rest, items: relaxed(rest.items) };
  if (properties === undefined) return schema;
  return {
    ...rest,
    properties: Object.fromEntries(Object.entries(properties).map(([name, inner]) => [name, relaxed(inner)])),
    required: required?.filter(
      (name) => !filledIn.includes(name) && !('default' in (properties[name] ?? {})),
    ),
  };
}
