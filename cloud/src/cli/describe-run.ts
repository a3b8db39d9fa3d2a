import {
  type ComparedRunValue,
  fewCasesOf,
  type RunComparison,
  type TrainingRunView,
  withComma,
} from '@pomona/wire';
import { table } from './output.ts';

/** All that is kept of a run, for a terminal. */
export function describeRun(run: TrainingRunView): string {
  const { environment, parameters, model } = run;
  const packages = Object.entries(environment?.packages ?? {}).map(([name, version]) => `${name} ${version}`);
  const settings = Object.entries(parameters ?? run.asked).map(
    ([name, value]) => `${name}=${typeof value === 'object' ? JSON.stringify(value) : value}`,
  );
  return [
    `run ${run.id}  ${run.kind}, ${run.state}${run.error === null ? '' : `: ${run.error}`}`,
    `digest      ${run.digest ?? 'none: it did not end well'}`,
    `made        ${run.startedAt} by job ${run.job}${model === null ? '' : `, ${model.name}@${model.version}`}${run.reproduces === null ? '' : `, to reproduce run ${run.reproduces}`}`,
    `dataset     ${run.dataset.name}@${run.dataset.digest}`,
    `code        ${run.codeRevision}, seed ${run.seed}`,
    environment === null
      ? 'environment not known: it ended before it began'
      : `environment ${environment.engine === 'tensorflow' ? 'engine tensorflow, ' : ''}node ${environment.node}, ${packages.join(', ')}; ${environment.platform} ${environment.arch}, ${environment.cores} cores, ${environment.cpu}`,
    `parameters  ${settings.join(' ')}`,
    ...run.evaluated.map(
      ({ split, evaluation }) =>
        `${split.padEnd(11)} accuracy ${share(evaluation.accuracy)}, macro-F1 ${share(evaluation.macroF1)}, calibration error ${share(evaluation.ece)}${withComma(fewCasesOf(evaluation))}`,
    ),
    ...run.artifacts.map(({ name, digest, bytes }) => `file        ${name} ${digest} ${bytes} bytes`),
    ...(run.curve.length === 0 ? [] : ['', curveTable(run)]),
  ].join('\n');
}

/** What differs, and all figures; with `all` also what is the same. */
export function describeRunComparison(
  { a, b, same, rows, curvesPartAt }: RunComparison,
  all: boolean,
): string {
  const shown = rows.filter((row) => all || !row.same || row.section === 'figures');
  return [
    table(
      ['section', 'of', `run ${a.id}`, `run ${b.id}`, ''],
      shown.map((row) => [
        row.section,
        row.name,
        valueText(row.a),
        valueText(row.b),
        row.same ? '' : 'differs',
      ]),
    ),
    '',
    same ? `both came to the digest ${a.digest}` : 'they did not come to the same',
    ...(curvesPartAt === null ? [] : [`their curves part at epoch ${curvesPartAt}`]),
  ].join('\n');
}

function curveTable({ curve }: TrainingRunView): string {
  return table(
    ['epoch', 'loss', 'accuracy', 'validation loss', 'validation accuracy'],
    curve.map((each) => [
      ...[each.epoch, each.loss.toFixed(4), each.accuracy.toFixed(4)],
      ...[each.validationLoss?.toFixed(4) ?? '-', each.validationAccuracy.toFixed(4)],
    ]),
  );
}

const digest = /^[0-9a-f]{40,}/;

function valueText(value: ComparedRunValue['a']): string {
  if (value === null) return '-';
  const text =
    typeof value === 'number' && !Number.isInteger(value)
      ? String(Number(value.toPrecision(6)))
      : String(value);
  return digest.test(text) ? `${text.slice(0, 12)}${text.endsWith('-modified') ? '-modified' : ''}` : text;
}

function share(value: number): string {
  return `${(value * 100).toFixed(1)} %`;
}
