/**
 * What Pomona uses of TypeBox. As published it is 683 files, which every program and every worker thread would look for one
 * by one; `bundle.mjs` makes them one after the compiler.
 */
export * from 'typebox';
export { Value } from 'typebox/value';
export { Compile } from './compile.ts';
