export * from './decide-grade.ts';
export * from './fuse-views.ts';
export * from './recipe.ts';
