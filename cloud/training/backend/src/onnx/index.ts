/** ONNX files as messages, for those who read them or write them by hand. Needs neither TensorFlow.js nor ONNX Runtime. */
export { decodeMessage } from '../domain/onnx/decode.ts';
export { encodeMessage } from '../domain/onnx/encode.ts';
export type { Message } from '../domain/onnx/schema.ts';
export { irVersion, opsetVersion } from '../domain/onnx/versions.ts';
