/** A candidate grades a fruit that was decided already, by the same views and by the line's own way from views to a grade. */
import { areasOf, fuseByRecipe, skinOfCells } from '@pomona/grading';
import type { Recipe } from '@pomona/wire';
import { FruitInView } from '../domain/fruit-in-view.ts';
import { decideBy } from '../domain/grading.ts';
import type { OfferedFruit } from '../domain/shadow-messages.ts';
import type { ViewModel } from '../domain/view-model.ts';

/** Not known of a view, and no part of a grade. */
const noColour = [0, 0, 0] as const;

export interface ShadowGrades {
  readonly champion: string;
  readonly candidate: string;
}

/** The first crops of `model` are those of the fruit's views. */
export async function gradeInShadow(
  fruit: OfferedFruit,
  model: ViewModel,
  recipe: Recipe,
  championLabels: readonly string[],
): Promise<ShadowGrades> {
  const { views, diameterMm, measures } = fruit;
  const roundness = measures?.roundness ?? 1;
  const rows = await model.run(views.length);
  const skin = model.defects && skinOfCells(model.defects.cells);
  const seen = new FruitInView(undefined);
  for (const [i, { travelMm }] of views.entries()) {
    const view = { capturedAtMs: 0, travelMm, diameterMm, roundness, colour: noColour, crop: undefined };
    if (seen.add(view, rows, i * model.labels.length, model.labels.length))
      seen.measure(model, i, view, skin);
  }
  const { views: packed, ...said } = seen.measures(recipe.fusion) ?? {};
  // All that no network says of a fruit is the same for both.
  const { defectShare: _, rotShare: __, views: ___, fusion: ____, ...measured } = measures ?? {};
  const own = { ...measured, ...areasOf(said), ...(packed !== undefined && { views: packed }) };
  const { grade: candidate } = decideBy(recipe, model.labels, seen.viewProbabilities, {
    probabilities: seen.fuse(recipe.fusion),
    measured: { diameterMm, measures: own },
  });
  return {
    champion: fruit.recipe ? gradeAgain(fruit, fruit.recipe, championLabels) : fruit.grade,
    candidate,
  };
}

/** The champion's grade by the views that the candidate saw. */
function gradeAgain(
  { views, diameterMm, measures }: OfferedFruit,
  recipe: Recipe,
  labels: readonly string[],
): string {
  const seen = views.map((view) => view.probabilities);
  const probabilities = fuseByRecipe(recipe.fusion, seen, areasOf(measures));
  return decideBy(recipe, labels, seen, { probabilities, measured: { diameterMm, measures } }).grade;
}
