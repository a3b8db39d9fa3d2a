import { addRegistryRoutes } from '../adapters/http/registry-routes.ts';
import type { Feature, FeatureContext } from './feature.ts';

/** Aliases and log of models, the project's targets, and what stations were told to run. */
export function startRegistry({ stores, clock }: FeatureContext): Feature {
  return { addRoutes: (app) => addRegistryRoutes(app, { ...stores, clock }) };
}
