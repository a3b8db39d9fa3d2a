import { checkRecipe, defaultRecipe, judgeFruit } from '@pomona/grading';
import type { Clock, ModelView, Prediction, ProjectView } from '@pomona/wire';
import { imageLimitsOf } from '../domain/image-limits.ts';
import type { PhotographView } from '../domain/prediction-job.ts';
import { filesRemoved } from './files-removed.ts';

export interface PredictPorts {
  /** Error: `model-unknown`. */
  readonly models: { resolve(reference: string): Promise<ModelView> };
  readonly project: { read(): Promise<ProjectView> };
  /** Looks at a photograph with a model. Errors: those of `PhotographFault`, `model-unreadable`, `prediction-slow`. */
  look(model: ModelView, photograph: Uint8Array, minScore: number): Promise<PhotographView>;
  readonly clock: Clock;
}

/** Below these an answer comes with a warning. */
const sureScore = 0.35;
const fillMin = 0.05;
const sureProbability = 0.6;

/**
 * Grades the fruit of a photograph as a line would grade a fruit that it saw once: same crop, same model, the default
 * recipe. What an import would not believe to be a fruit is none here either. `reference` is `NAME`, `NAME@VERSION` or `NAME@ALIAS`. Errors: `model-unknown`, `files-removed`, those of `PhotographFault`, `model-unreadable`, `prediction-slow`.
 */
export async function predict(
  { models, project, look, clock }: PredictPorts,
  reference: string,
  photograph: Uint8Array,
): Promise<Prediction> {
  const startedMs = clock.monotonicMs();
  const model = await models.resolve(reference);
  if (model.filesRemovedAt !== undefined) throw filesRemoved(model);
  const { minScore } = imageLimitsOf((await project.read()).targets);
  const view = await look(model, photograph, minScore);
  const recipe = { ...defaultRecipe(model.labels, 1), viewsMin: 1 };
  checkRecipe(recipe, model.labels);
  const { probabilities } = view;
  const { grade } = judgeFruit(recipe, model.labels, {
    ...{ probabilities, viewCount: 1, views: [probabilities], measured: { diameterMm: 0 } },
  });
  return {
    grade,
    probabilities: model.labels.map((label, at) => ({ label, probability: view.probabilities[at] ?? 0 })),
    model: { name: model.name, version: model.version, digest: model.digest },
    seen: {
      cropPng: view.cropPng,
      outline: view.outline.map(([x, y]) => [x, y]),
      cropPlace: view.cropPlace,
      score: view.score,
    },
    ...(view.explanation && { explanation: view.explanation }),
    warnings: warningsOf(view),
    ms: clock.monotonicMs() - startedMs,
  };
}

function warningsOf({ score, fill, probabilities }: PhotographView): string[] {
  const warnings: string[] = [];
  if (score < sureScore)
    warnings.push('The fruit’s outline is unsure: see whether the crop shows the whole fruit.');
  if (fill < fillMin) warnings.push('The fruit is small in the picture: go closer.');
  if (Math.max(...probabilities) < sureProbability)
    warnings.push('The model is unsure: no grade stands out.');
  return warnings;
}
