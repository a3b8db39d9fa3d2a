export * from './adapters/outbox-counter.ts';
export * from './adapters/sqlite-outbox.ts';
export * from './domain/line-messages.ts';
export * from './domain/outbox.ts';
export * from './adapters/line-worker.ts';
export * from './adapters/self-test.ts';
