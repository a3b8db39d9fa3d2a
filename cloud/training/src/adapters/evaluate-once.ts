import { useOnnxBackend } from '@pomona/onnx-backend';
import type { Evaluation } from '@pomona/wire';
import { type EvaluationJob, evaluate } from '../use-cases/evaluate.ts';
import { pause } from './finish-model.ts';

/** A whole evaluation on the ONNX backend. */
export async function evaluateOnce(job: EvaluationJob): Promise<Evaluation> {
  return evaluate(job, { engine: await useOnnxBackend(), pause });
}
