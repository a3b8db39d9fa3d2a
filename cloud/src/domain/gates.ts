/**
 * The rules that a model version is held against before it may become the champion. Pure: figures in, verdicts out. A rule
 * that lacks the data for its figure says so, and stops nobody.
 */
import {
  counted,
  type Evaluation,
  type Gate,
  type ModelView,
  type ProjectTargets,
  randomInt,
  seededRandom,
  viewsPerFrame,
} from '@pomona/wire';
import { errorCostOf } from './error-cost.ts';
import { pairedWithChampion } from './paired-with-champion.ts';
import { defaultTargets } from './project-targets.ts';

export interface GateSubject {
  readonly model: Pick<
    ModelView,
    'labels' | 'dataset' | 'calibration' | 'evaluation' | 'variants' | 'exportDifference' | 'releaseBytes'
  > &
    Partial<Pick<ModelView, 'heldAgainst'>>;
  readonly champion?:
    | Pick<ModelView, 'name' | 'version' | 'labels' | 'dataset' | 'calibration' | 'evaluation'>
    | undefined;
  readonly targets: ProjectTargets;
}

const maxEce = 0.05;
const maxGroupGap = 0.05;
const groupCasesMin = 100;
/** Of a probability: rounding of float32 in another order, and nothing else. */
const maxExportDifference = 1e-4;
const maxInt8Loss = 0.01;
/** Of the milliseconds that fp32 takes: more, and nobody has a use for int8. */
const maxInt8Time = 1;
const minInt8Agreement = 0.98;
const resamples = 500;

export function judgeGates({ model, champion, targets }: GateSubject): Gate[] {
  const { evaluation } = model;
  return [
    atLeast('macro-f1', evaluation.macroF1, targets.minMacroF1),
    againstChampion(model, champion),
    ...evaluation.perClass.map(({ label, recall, support }) =>
      atLeast(
        `recall-${label}`,
        recall,
        targets.recallFloors[label] ?? targets.minRecall,
        `${counted(support, 'case')} of ${label}`,
      ),
    ),
    ...floorsOfOthers(model, targets),
    badAsGood(model, targets.maxBadAsGood),
    groupGap(evaluation),
    ...errorCost(model, targets),
    atMost('ece', evaluation.ece, maxEce),
    exportParity(model),
    ...quantizationGates(model.variants),
    boardLatency(model.variants, targets),
    atMost('release-bytes', model.releaseBytes, targets.maxReleaseBytes),
  ];
}

export function failedGates(gates: readonly Gate[]): readonly Gate[] {
  return gates.filter(({ verdict }) => verdict === 'failed');
}

/** A floor of a grade that this model does not have, so that nobody takes it for held. */
function floorsOfOthers({ labels }: GateSubject['model'], { recallFloors }: ProjectTargets): Gate[] {
  return Object.entries(recallFloors)
    .filter(([label]) => !labels.includes(label))
    .map(([label, floor]) => atLeast(`recall-${label}`, null, floor, `no grade of this model is ${label}`));
}

function atLeast(name: string, figure: number | null, limit: number, detail = ''): Gate {
  return {
    name,
    figure,
    limit,
    comparison: '>=',
    verdict: verdictOf(figure, (value) => value >= limit),
    detail,
  };
}

function atMost(name: string, figure: number | null, limit: number, detail = ''): Gate {
  return {
    name,
    figure,
    limit,
    comparison: '<=',
    verdict: verdictOf(figure, (value) => value <= limit),
    detail,
  };
}

function verdictOf(figure: number | null, holds: (value: number) => boolean): Gate['verdict'] {
  if (figure === null) return 'insufficient-data';
  return holds(figure) ? 'passed' : 'failed';
}

/**
 * Not below the champion: fails when the 95 % interval of the difference lies below 0. Paired where the run that made the version
 * judged the champion too. Else each side is resampled by itself from its confusion matrix, as the evaluations keep no single
 * predictions.
 */
function againstChampion(model: GateSubject['model'], champion: GateSubject['champion']): Gate {
  const name = 'macro-f1-against-champion';
  const lacking = (detail: string): Gate => ({ ...atLeast(name, null, 0), detail });
  if (!champion) return lacking('there is no champion yet');
  const other = `${champion.name}@${champion.version}`;
  const paired = pairedWithChampion(model, champion);
  if (paired) return { ...atLeast(name, paired.high, 0), detail: paired.detail };
  const isComparable =
    measuredOn(champion) === measuredOn(model) && champion.evaluation.unit === model.evaluation.unit;
  if (!isComparable) return lacking(`${other} was measured on another test split`);
  const mine = resampledF1(model.evaluation, 'model');
  const theirs = resampledF1(champion.evaluation, 'champion');
  const differences = mine.map((value, at) => value - theirs[at]!).sort((a, b) => a - b);
  const low = differences[Math.floor(0.025 * resamples)]!;
  const high = differences[Math.floor(0.975 * resamples)]!;
  const difference = model.evaluation.macroF1 - champion.evaluation.macroF1;
  const interval = `${difference.toFixed(4)} to ${other}, 95 % from ${low.toFixed(4)} to ${high.toFixed(4)}`;
  return { ...atLeast(name, high, 0), detail: interval };
}

/** A calibrated version is judged by the photographs, not by what its network learnt from. */
export function measuredOn({ dataset, calibration }: Pick<ModelView, 'dataset' | 'calibration'>): string {
  return calibration === undefined ? dataset.digest : `${calibration.dataset.digest}/${calibration.heldBack}`;
}

function resampledF1({ confusion }: Evaluation, stream: string): number[] {
  const random = seededRandom(1, stream);
  const cases = confusion.flatMap((row, truth) =>
    row.flatMap((count, predicted) => Array.from({ length: count }, () => ({ truth, predicted }))),
  );
  return Array.from({ length: resamples }, () => {
    const drawn = confusion.map((row) => row.map(() => 0));
    for (let i = 0; i < cases.length; i++) {
      const { truth, predicted } = cases[randomInt(random, cases.length)]!;
      drawn[truth]![predicted]!++;
    }
    return macroF1Of(drawn);
  });
}

/** Mean of the F1 of the grades that occur. */
function macroF1Of(confusion: readonly (readonly number[])[]): number {
  const scores = confusion.flatMap((row, at) => {
    const support = sum(row);
    if (support === 0) return [];
    return [(2 * row[at]!) / (support + sum(confusion.map((other) => other[at]!)))];
  });
  return scores.length === 0 ? 0 : sum(scores) / scores.length;
}

/** Of the truly bad, how many were graded good; these are the names of grades where a model has both. */
function badAsGood({ labels, evaluation }: GateSubject['model'], limit: number): Gate {
  const bad = labels.indexOf('bad');
  const good = labels.indexOf('good');
  const row = evaluation.confusion[bad] ?? [];
  const cases = sum(row);
  const figure = good >= 0 && cases > 0 ? row[good]! / cases : null;
  const detail = figure === null ? 'no bad and good to tell apart' : `${row[good]} of ${cases} bad cases`;
  return atMost('bad-as-good', figure, limit, detail);
}

function errorCost(model: GateSubject['model'], targets: ProjectTargets): Gate[] {
  if (targets.maxErrorCost === undefined) return [];
  const { perCase } = errorCostOf(model, targets);
  return [
    atMost('error-cost', perCase, targets.maxErrorCost, 'mean over all cases, by the costs of the project'),
  ];
}

/** The largest gap of a grade's recall; by accuracy for evaluations of before there was recall by group. */
function groupGap({ byGroup, recallGaps }: Evaluation): Gate {
  // A lot may truly be harder than another; that shows, and stops nobody.
  if (recallGaps !== undefined) return recallGap(recallGaps.filter(({ by }) => by !== 'lot'));
  const large = byGroup.filter(({ images }) => images >= groupCasesMin);
  if (large.length < 2) {
    return atMost('group-gap', null, maxGroupGap, `fewer than two groups of ${groupCasesMin} or more`);
  }
  const shares = large.map(({ accuracy }) => accuracy);
  const gap = Math.max(...shares) - Math.min(...shares);
  return atMost('group-gap', gap, maxGroupGap, `accuracy between ${counted(large.length, 'group')}`);
}

const plurals = new Map<string | undefined, string>([
  ['variety', 'varieties'],
  ['session', 'sessions'],
  ['station', 'stations'],
]);

function recallGap(gaps: NonNullable<Evaluation['recallGaps']>): Gate {
  const known = gaps.flatMap(({ gap, ...rest }) => (gap === null ? [] : [{ gap, ...rest }]));
  const [widest] = known.sort((a, b) => b.gap - a.gap);
  if (widest === undefined) {
    const detail = `no grade has ${groupCasesMin} cases in each of two groups`;
    return atMost('group-gap', null, maxGroupGap, detail);
  }
  const values = plurals.get(widest.by) ?? 'groups';
  const detail = `recall of ${widest.label} between ${widest.groups} ${values}, worst in ${widest.worst}`;
  return atMost('group-gap', widest.gap, maxGroupGap, detail);
}

/** The file that ships says what the trained model said. */
function exportParity({ exportDifference }: GateSubject['model']): Gate {
  const detail =
    exportDifference === undefined
      ? 'not measured'
      : 'largest difference of a probability on the golden views, trainer to fp32';
  return atMost('export-parity', exportDifference ?? null, maxExportDifference, detail);
}

function boundDetail(loss: number | null): string {
  return `95 % bound, case by case${loss === null ? '' : `; found ${loss.toFixed(4)}`}`;
}

function floatsDetail(inFloats: readonly { readonly layer: string }[] | undefined): string {
  if (inFloats === undefined) return 'no report of the quantization was kept';
  if (inFloats.length === 0) return 'every convolution runs on integers';
  return `convolutions left in floats: ${inFloats.map(({ layer }) => layer).join(', ')}`;
}

function quantizationGates(variants: ModelView['variants']): Gate[] {
  const fp32 = variants?.find(({ name }) => name === 'fp32');
  const int8 = variants?.find(({ name }) => name === 'int8');
  if (!int8) return [];
  const [before, after] = [fp32?.accuracy ?? null, int8.accuracy ?? null];
  const loss = before === null || after === null ? null : before - after;
  const bound = int8.accuracyLossBound;
  const lossDetail = bound === undefined ? 'found; its 95 % bound was not kept' : boundDetail(loss);
  const inFloats = int8.quantization?.layers.filter(({ bits }) => bits === 32);
  const share = fp32 && fp32.msPerView > 0 ? int8.msPerView / fp32.msPerView : null;
  return [
    atMost('int8-accuracy-loss', bound ?? loss, maxInt8Loss, lossDetail),
    atMost('int8-fused', inFloats?.length ?? null, 0, floatsDetail(inFloats)),
    atMost('int8-time', share, maxInt8Time, 'of a view, as a share of what fp32 takes, measured in turns'),
    atLeast('int8-agreement', int8.agreement ?? null, minInt8Agreement),
  ];
}

/** Of the faster variant, which a board would choose. What its frames take for real the canary shows. */
function boardLatency(variants: ModelView['variants'], targets: ProjectTargets): Gate {
  const times = (variants ?? []).flatMap(({ msPerView }) => (msPerView === null ? [] : [msPerView]));
  if (times.length === 0) return atMost('latency', null, targets.maxLatencyMs, 'not measured');
  const msPerView = Math.min(...times);
  const detail = `ms for ${viewsPerFrame} views, of ${msPerView.toFixed(3)} ms here, on a board taken to be ${slowdownOf(targets)} times slower`;
  return atMost('latency', boardLatencyMs(msPerView, targets), targets.maxLatencyMs, detail);
}

/** Of a frame on a board, where a view takes so long here. */
export function boardLatencyMs(msPerView: number, targets: ProjectTargets): number {
  return msPerView * viewsPerFrame * slowdownOf(targets);
}

function slowdownOf({ boardSlowdown = defaultTargets.boardSlowdown }: ProjectTargets): number {
  return boardSlowdown;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
