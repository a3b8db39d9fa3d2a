import type { JobView, ModelEvaluation, ReproducedRun } from '@pomona/wire';
import { formatPercent, shortDigest } from './format.ts';
import { retrainWords } from './retrain-words.ts';

/** What came of a job, in a line; undefined where its row says all there is. */
export function jobWords(job: JobView): string | undefined {
  if (job.state !== 'done') return undefined;
  if (job.kind === 'reproduce') {
    const { run, verdict, why } = job.result as ReproducedRun;
    return `run ${run}, ${verdict}: ${why.replace(/[0-9a-f]{40,}/g, shortDigest)}`;
  }
  if (job.kind === 'evaluate') {
    const { model, dataset, evaluation } = job.result as Partial<ModelEvaluation>;
    // One that left groups out has another result.
    if (model === undefined || dataset === undefined || evaluation === undefined) return undefined;
    return `${model.name}@${model.version}: ${formatPercent(evaluation.accuracy)} right on ${dataset.name}`;
  }
  return retrainWords(job);
}
