/** Loads a model as the grading worker does, in a thread of a fresh process. Run as `node load-model.js FILE`. */
import { writeFileSync } from 'node:fs';
import { selfTestRelease } from '../adapters/self-test.ts';
import { tinyOnnx } from './tiny-onnx.ts';

const modelFile = process.argv[2]!;
const inputSize = 16;
writeFileSync(modelFile, tinyOnnx({ inputSize, labels: 3 }));
const golden = `${modelFile}.golden`;
writeFileSync(golden, new Uint8Array(inputSize * inputSize * 3).fill(100));
const expected = [[1 / 3, 1 / 3, 1 / 3]];
const { ok, reason } = await selfTestRelease({
  modelFile,
  labels: ['good', 'ok', 'bad'],
  inputSize,
  golden,
  expected,
  tolerance: 0.01,
});
process.stdout.write(ok ? 'ok' : reason);
