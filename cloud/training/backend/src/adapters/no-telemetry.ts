/**
 * ONNX Runtime reports its use to its maker on Linux unless this is set before its library is loaded. To be imported
 * before `onnxruntime-node`; modules are evaluated in the order of their imports.
 */
process.env.ORT_DISABLE_TELEMETRY = '1';
