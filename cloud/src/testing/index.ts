/** For tests that need a running control plane or a station; nothing of this is for production. */

export * from './draw-photograph.ts';
export * from './drift-windows.ts';
export * from './recording-logger.ts';
export * from './test-control-plane.ts';
export * from './test-station.ts';
