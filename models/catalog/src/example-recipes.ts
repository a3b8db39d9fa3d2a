/** Recipes to begin with: policies of a line as documents, each limit with its source. */
export const exampleRecipeNames = ['good-ok-bad', 'usda', 'unece'] as const;
export type ExampleRecipeName = (typeof exampleRecipeNames)[number];

/** The JSON file of an example. */
export function exampleRecipe(name: ExampleRecipeName): URL {
  return new URL(`../recipes/${name}.json`, import.meta.url);
}
