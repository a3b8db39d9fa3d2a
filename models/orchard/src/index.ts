export * from './fruit.ts';
export * from './line.ts';
export * from './line-light.ts';
export * from './render-views.ts';
export * from './roll.ts';
export * from './scenario.ts';
export * from './truth.ts';
export * from './variety.ts';
