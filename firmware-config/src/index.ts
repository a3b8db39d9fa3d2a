export * from './load-station-config.ts';
export * from './station-config.ts';
