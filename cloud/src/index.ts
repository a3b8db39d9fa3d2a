export * from './adapters/sql/open-database.ts';
export * from './adapters/sql/sql-dataset-registry.ts';
export * from './adapters/sql/sql-model-registry.ts';
