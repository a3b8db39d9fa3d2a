import { join } from 'node:path';
import { addSamplesRoutes } from '../adapters/http/samples-routes.ts';
import { drawSample } from '../adapters/sample-picture.ts';
import type { Feature, FeatureContext } from './feature.ts';

/** Fruit to label: what stations sent, its pictures, and what people say of it. */
export function startSamples({ dataFolder, stores, clock }: FeatureContext): Feature {
  return {
    addRoutes: (app) =>
      addSamplesRoutes(app, {
        store: stores.samples,
        alerts: stores.alerts,
        clock,
        draw: (sample) => drawSample(join(dataFolder, 'blobs'), sample),
      }),
  };
}
