/**
 * ONNX Runtime's builds since 1.29 send what models are loaded and how they run to their maker, unless this variable is
 * set before the library is loaded (microsoft/onnxruntime, pull request 27379). What a packhouse runs is its own affair,
 * and a line's network is no place for uploads that nobody asked for.
 *
 * To be imported before `onnxruntime-node`, and in the main thread: a worker's `process.env` is a copy that the library
 * does not see.
 */
process.env.ORT_DISABLE_TELEMETRY = '1';
