export * from './board-profiles.ts';
export * from './build-bundle.ts';
export * from './camera-config.ts';
export * from './camera-program.ts';
export * from './load-station-config.ts';
export * from './pin.ts';
export * from './station-config.ts';
export * from './station-file-schema.ts';
