/** Opset 17 is the newest that onnx 1.12 checks; ONNX Runtime runs every one of them. */
export const opsetVersion = 17;
export const irVersion = 8;
