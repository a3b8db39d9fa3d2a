/** For tests that need a running control plane or a station; nothing of this is for production. */

export { cropsSaid } from '../adapters/crop-scores.ts';
export { DatasetEmbeddings } from '../adapters/dataset/dataset-embedding.ts';
export { baselineWindows } from '../domain/drift-baseline.ts';
export * from '../domain/judge-line.ts';
export * from './databases.ts';
export * from './draw-photograph.ts';
export * from './draw-spotted-photograph.ts';
export * from './drift-windows.ts';
export * from './free-port.ts';
export * from './mosquitto-server.ts';
export * from './publish-release.ts';
export * from './recording-logger.ts';
export * from './test-control-plane.ts';
export * from './test-station.ts';
export * from './write-zip.ts';
