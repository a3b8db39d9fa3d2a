export { readDatasetFolder } from './adapters/dataset-folder.ts';
export { type ExportOptions, exportOnnx } from './adapters/export-onnx.ts';
export { backendName, OnnxBackend } from './adapters/onnx-backend.ts';
export { useOnnxBackend } from './adapters/register-backend.ts';
export { type TrainOnceOptions, type TrainOnceResult, trainOnce } from './adapters/train-once.ts';
export { type Dataset, type DatasetImage, datasetOf, type Split } from './domain/dataset.ts';
export { type TrainingErrorCode, trainingErrors } from './domain/errors.ts';
export * from './training-protocol.ts';
export { type BuiltModel, buildModel } from './use-cases/build-model.ts';
