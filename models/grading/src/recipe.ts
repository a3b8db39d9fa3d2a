import { AppError, type Recipe, type RecipeFusion } from '@pomona/wire';

/**
 * For a network that learnt from single pictures, each of which stood for a fruit: it knows what a picture shows, not how pictures of one fruit go
 * together. A place on the skin is in view for half of a turn, so what is wrong with a fruit shows in the worst half of its views; the others would
 * drown it (ADR 39).
 */
export const worstHalf: RecipeFusion = { method: 'weights', byBadness: [1, 0] };

/**
 * A recipe for a model whose labels run from the best grade to the worst: gate i for label i, the worst grade for a
 * fruit that was not seen well enough. With three grades or more, a fruit that may well be of the worst is never sold
 * as the best, nor one of which two views show the worst: a spot is seen from few sides, and the others drown it. Views
 * count alike unless `fusion` says how they do.
 */
export function defaultRecipe(labels: readonly string[], version = 1, fusion?: RecipeFusion): Recipe {
  const [best, next] = labels;
  const worst = labels.at(-1);
  if (best === undefined || worst === undefined) {
    throw new AppError('recipe-invalid', 'a recipe needs at least one label', {
      hint: 'Give the labels of the model, the best grade first.',
    });
  }
  return {
    v: fusion === undefined ? 1 : 2,
    version,
    ...(fusion === undefined ? {} : { fusion }),
    defaultGrade: worst,
    viewsMin: 2,
    ceilings:
      labels.length >= 3
        ? [
            {
              ...{ grade: best, of: worst, maxProbability: 0.5, elseGrade: worst, views: 2 },
              source: 'House rule: a spot is seen in few pictures, and the others drown it',
            },
            {
              ...{ grade: best, of: worst, maxProbability: 0.2, elseGrade: next! },
              source: 'House rule: what may well be of the worst grade is not sold as the best',
            },
          ]
        : [],
    gates: labels.map((grade, gate) => ({ grade, gate })),
  };
}
