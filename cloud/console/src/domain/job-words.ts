import {
  fewCases,
  fewCasesOf,
  type JobView,
  type LeaveOutReport,
  type MadeVersion,
  type ModelEvaluation,
  type ReproducedRun,
  type TuneResult,
  withComma,
} from '@pomona/wire';
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
    const result = job.result as ModelEvaluation | LeaveOutReport;
    if ('by' in result) return leftOutWords(result);
    const { model, dataset, evaluation } = result;
    return `${model.name}@${model.version}: ${formatPercent(evaluation.accuracy)} right on ${dataset.name}${withComma(fewCasesOf(evaluation))}`;
  }
  if (job.kind === 'tune') return tunedWords(job.result as TuneResult);
  return retrainWords(job) ?? madeWords(job.result as Partial<MadeVersion> | null);
}

/** Of what made a version: which, and whether it may become champion. */
function madeWords(made: Partial<MadeVersion> | null): string | undefined {
  const { name, version, failedGates } = made ?? {};
  if (name === undefined) return undefined;
  // Jobs from before they kept them name the version alone.
  if (failedGates === undefined) return `${name}@${version}`;
  const verdict = failedGates.length === 0 ? 'no gate failed' : `gates failed: ${failedGates.join(', ')}`;
  return `${name}@${version}; ${verdict}`;
}

function tunedWords(result: TuneResult): string {
  const { chosen, trials } = result;
  return `${madeWords(result)}; trial ${chosen?.trial} of ${new Set(trials.map(({ trial }) => trial)).size}`;
}

function leftOutWords({ by, dataset, folds, pooled }: LeaveOutReport): string {
  const right = pooled.accuracy === null ? 'nothing judged' : `${formatPercent(pooled.accuracy)} right`;
  const worst = folds.reduce<(typeof folds)[number] | undefined>(
    (least, each) => (least !== undefined && least.accuracy <= each.accuracy ? least : each),
    undefined,
  );
  const low = worst === undefined ? '' : `, least on ${worst.value} (${formatPercent(worst.accuracy)})`;
  return `${dataset.name} without each ${by}: ${right} on what was left out${withComma(fewCases(pooled.cases, 'case'))}${low}`;
}
