export { type BenchQuantize, benchQuantize } from './adapters/bench-quantize.ts';
export { type BenchResult, type BenchRow, benchTrain } from './adapters/bench-train.ts';
export { readDatasetFolder } from './adapters/dataset-folder.ts';
export { type ExportOptions, exportOnnx } from './adapters/export-onnx.ts';
export { backendName, OnnxBackend } from './adapters/onnx-backend.ts';
export { useOnnxBackend } from './adapters/register-backend.ts';
export { type TrainOnceOptions, type TrainOnceResult, trainOnce } from './adapters/train-once.ts';
export { type Dataset, type DatasetImage, datasetOf, type Split } from './domain/dataset.ts';
export { type TrainingErrorCode, trainingErrors } from './domain/errors.ts';
export {
  fittedScoreCalibration,
  type ScoreCalibration,
  type ScoredCase,
} from './domain/score-calibration.ts';
export * from './domain/training-protocol.ts';
export { type BuiltModel, buildModel } from './use-cases/build-model.ts';
