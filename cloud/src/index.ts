export * from './adapters/sql/open-database.ts';
export * from './adapters/sql/open-stores.ts';
export * from './adapters/sql/sql-dataset-registry.ts';
export * from './adapters/sql/sql-model-registry.ts';
export * from './adapters/sql/sql-reader-store.ts';
export * from './control-plane.ts';
export * from './use-cases/add-reader.ts';
