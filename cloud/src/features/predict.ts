import { addPredictRoutes } from '../adapters/http/predict-routes.ts';
import { Predictor } from '../adapters/predictor.ts';
import { predict } from '../use-cases/predict.ts';
import type { Feature, FeatureContext } from './feature.ts';

/** Grades single photographs: `POST /v1/predict`. */
export function startPredictions({ dataFolder, stores, clock }: FeatureContext): Feature {
  const predictor = new Predictor(dataFolder);
  const ports = {
    models: stores.models,
    project: stores.project,
    clock,
    look: predictor.look.bind(predictor),
  };
  return {
    addRoutes: (app) =>
      addPredictRoutes(app, { predict: (reference, photograph) => predict(ports, reference, photograph) }),
    stop: () => predictor.stop(),
  };
}
