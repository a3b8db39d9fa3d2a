/**
 * The query builder of the control plane. As published it is 262 files, which every program that opens the database would
 * look for one by one; `bundle.mjs` makes them one after the compiler.
 */
export * from 'kysely';
