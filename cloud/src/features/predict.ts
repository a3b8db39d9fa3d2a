import { explainingPorts } from '../adapters/explaining-ports.ts';
import { addPredictRoutes } from '../adapters/http/predict-routes.ts';
import type { Predictor } from '../adapters/predictor.ts';
import { explainWorst } from '../use-cases/explain-worst.ts';
import { predict } from '../use-cases/predict.ts';
import type { Feature, FeatureContext } from './feature.ts';

/** Grades single photographs, and shows what went wrong in an evaluation. */
export function startPredictions(
  { dataFolder, stores, clock }: FeatureContext,
  predictor: Predictor,
): Feature {
  const ports = {
    models: stores.models,
    project: stores.project,
    clock,
    look: predictor.look.bind(predictor),
  };
  const explaining = explainingPorts(dataFolder, predictor);
  return {
    addRoutes: (app) =>
      addPredictRoutes(app, {
        predict: (reference, photograph) => predict(ports, reference, photograph),
        worst: async (reference) => explainWorst(explaining, await stores.models.resolve(reference)),
      }),
    stop: () => predictor.stop(),
  };
}
