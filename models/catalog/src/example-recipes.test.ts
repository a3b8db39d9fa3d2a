import { readFileSync } from 'node:fs';
import type { Recipe } from '@pomona/wire';
import { expect, it } from 'vitest';
import { exampleRecipe, exampleRecipeNames } from './example-recipes.ts';

it.each(exampleRecipeNames)('each limit of %s names its source', (name) => {
  const recipe = JSON.parse(readFileSync(exampleRecipe(name), 'utf8')) as Recipe;
  const { ceilings, rules = [], colours = {}, sources = {}, costs, fusion } = recipe;
  const each = [
    ...[sources.defaultGrade, sources.viewsMin],
    ...(costs === undefined ? [] : [sources.costs]),
    ...(fusion === undefined ? [] : [sources.fusion]),
    ...[...ceilings, ...rules, ...Object.values(colours)].map(({ source }) => source),
  ];
  expect(each).not.toContain(undefined);
});
