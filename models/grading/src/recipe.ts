import { AppError, type Recipe } from '@pomona/wire';

/**
 * A recipe for a model whose labels run from the best grade to the worst: gate i for label i, the worst grade for a
 * fruit that was not seen well enough. With three grades or more, a fruit that may well be of the worst is never sold
 * as the best, nor one of which two views show the worst: a spot is seen from few sides, and the others drown it.
 */
export function defaultRecipe(labels: readonly string[], version = 1): Recipe {
  const [best, next] = labels;
  const worst = labels.at(-1);
  if (best === undefined || worst === undefined) {
    throw new AppError('recipe-invalid', 'a recipe needs at least one label', {
      hint: 'Give the labels of the model, the best grade first.',
    });
  }
  return {
    v: 1,
    version,
    defaultGrade: worst,
    viewsMin: 2,
    ceilings:
      labels.length >= 3
        ? [
            { grade: best, of: worst, maxProbability: 0.5, elseGrade: worst, views: 2 },
            { grade: best, of: worst, maxProbability: 0.2, elseGrade: next! },
          ]
        : [],
    gates: labels.map((grade, gate) => ({ grade, gate })),
  };
}

/** Throws `recipe-invalid`, naming the field, when a recipe of the right shape does not fit a model's labels. */
export function checkRecipe(recipe: Recipe, labels: readonly string[]): void {
  const known = new Set(labels);
  const needGrade = (field: string, grade: string): void => {
    if (known.has(grade)) return;
    throw invalid(field, `"${grade}" is no grade of the model`, `Use one of: ${labels.join(', ')}.`);
  };
  needGrade('defaultGrade', recipe.defaultGrade);
  recipe.ceilings.forEach((ceiling, i) => {
    needGrade(`ceilings[${i}].grade`, ceiling.grade);
    needGrade(`ceilings[${i}].of`, ceiling.of);
    needGrade(`ceilings[${i}].elseGrade`, ceiling.elseGrade);
  });
  const circle = recipe.ceilings.findIndex((ceiling) => leadsTo(recipe, ceiling.elseGrade, ceiling.grade));
  if (circle >= 0) {
    throw invalid(
      `ceilings[${circle}].elseGrade`,
      `"${recipe.ceilings[circle]!.elseGrade}" leads back to "${recipe.ceilings[circle]!.grade}"`,
      'Ceilings may only lower a grade; remove the one that closes the circle.',
    );
  }
  const gated = new Set<string>();
  recipe.gates.forEach(({ grade }, i) => {
    needGrade(`gates[${i}].grade`, grade);
    if (gated.has(grade)) throw invalid(`gates[${i}].grade`, `"${grade}" has two gates`, 'Keep one of them.');
    gated.add(grade);
  });
  for (const label of labels) {
    if (!gated.has(label)) throw invalid('gates', `no gate for "${label}"`, 'Name a gate for every grade.');
  }
}

function leadsTo(recipe: Recipe, from: string, to: string): boolean {
  const reached = new Set([from]);
  // A set may grow while it is walked; it holds at most every grade once.
  for (const grade of reached) {
    for (const ceiling of recipe.ceilings) if (ceiling.grade === grade) reached.add(ceiling.elseGrade);
  }
  return reached.has(to);
}

function invalid(field: string, problem: string, hint: string): AppError {
  return new AppError('recipe-invalid', `recipe ${field}: ${problem}`, { hint });
}
