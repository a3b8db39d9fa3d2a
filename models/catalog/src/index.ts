export * from './change-recipe.ts';
export * from './default-recipe.ts';
export * from './example-recipes.ts';
export * from './multiplications.ts';
export * from './network.ts';
export * from './networks.ts';
export * from './training-recipe.ts';
