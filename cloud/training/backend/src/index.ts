export {
  type ExportSettings,
  NotExportable,
  type TracedGraph,
  traceGraph,
  writeOnnx,
} from './adapters/export-onnx.ts';
export { registerLeanGradients } from './adapters/lean-gradients.ts';
export { backendName, OnnxBackend } from './adapters/onnx-backend.ts';
export { type NamedArray, type OrtSession, openSession } from './adapters/ort-session.ts';
export { useOnnxBackend } from './adapters/register-backend.ts';
export { kthHighestKernel } from './domain/lowering/reductions.ts';
export { portable } from './domain/lowering/rule.ts';
