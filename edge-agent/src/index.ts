export * from './adapters/line-worker.ts';
export * from './adapters/outbox-counter.ts';
export * from './adapters/self-test.ts';
export * from './adapters/sqlite-outbox.ts';
export * from './domain/line-messages.ts';
export * from './domain/outbox.ts';
export * from './enrol-agent.ts';
export * from './run-agent.ts';
