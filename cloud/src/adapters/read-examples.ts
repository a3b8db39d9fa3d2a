import { readFile } from 'node:fs/promises';
import { exampleRecipe, exampleRecipeNames } from '@pomona/catalog';
import { parseRecipe } from '@pomona/grading';
import type { Recipe } from '@pomona/wire';

/** The recipes that come with the program. */
export function readExamples(): Promise<Recipe[]> {
  return Promise.all(
    exampleRecipeNames.map(async (name) =>
      parseRecipe(JSON.parse(await readFile(exampleRecipe(name), 'utf8'))),
    ),
  );
}
