import { addSiteRoutes } from '../adapters/http/site-routes.ts';
import type { Feature, FeatureContext } from './feature.ts';

/** Caps and quiet hours; the chunk server and the rollouts keep to them. */
export function startSites({ sites }: FeatureContext): Feature {
  return { addRoutes: (app) => addSiteRoutes(app, sites) };
}
