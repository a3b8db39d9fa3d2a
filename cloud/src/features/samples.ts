import { join } from 'node:path';
import { addSamplesRoutes } from '../adapters/http/samples-routes.ts';
import { drawPhotograph, drawSample } from '../adapters/sample-picture.ts';
import type { Feature, FeatureContext } from './feature.ts';

/** Fruit to label: what stations sent and people imported, its pictures, and what people say of it. */
export function startSamples({ dataFolder, stores, clock }: FeatureContext): Feature {
  const blobs = join(dataFolder, 'blobs');
  return {
    addRoutes: (app) =>
      addSamplesRoutes(app, {
        store: stores.samples,
        alerts: stores.alerts,
        clock,
        draw: (sample) => drawSample(blobs, sample),
        drawPhotograph: (original) => drawPhotograph(join(blobs, original)),
      }),
  };
}
