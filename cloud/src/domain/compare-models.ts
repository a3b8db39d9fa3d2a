import {
  type ComparedFigure,
  type ComparedSetting,
  describeStandardise,
  fewCasesOf,
  type ModelComparison,
  type ModelView,
} from '@pomona/wire';
import { failedGates, measuredOn } from './gates.ts';

type Unit = ComparedFigure['unit'];

interface Figure {
  readonly unit: Unit;
  readonly value: number | null;
  /** Which way is better; undefined where neither is. */
  readonly wanted?: 'more' | 'less';
}

/** Below this a difference is noise of rounding. */
const sameWithin = 1e-9;

/** Figures and settings of two versions side by side, with what the second gains or loses. */
export function compareModels(a: ModelView, b: ModelView): ModelComparison {
  const [left, right] = [figuresOf(a), figuresOf(b)];
  const names = [...new Set([...left.keys(), ...right.keys()])];
  return {
    a: { name: a.name, version: a.version },
    b: { name: b.name, version: b.version },
    figures: names.map((name) => compared(name, left.get(name), right.get(name))),
    settings: settingsOf(a, b),
    notes: notesOf(a, b),
  };
}

function compared(name: string, a: Figure | undefined, b: Figure | undefined): ComparedFigure {
  const { unit, wanted } = (a ?? b)!;
  const [left, right] = [a?.value ?? null, b?.value ?? null];
  const difference = left === null || right === null ? null : right - left;
  return { name, unit, a: left, b: right, difference, better: betterOf(difference, wanted) };
}

function betterOf(difference: number | null, wanted: Figure['wanted']): ComparedFigure['better'] {
  if (difference === null || wanted === undefined) return null;
  if (Math.abs(difference) <= sameWithin) return 'same';
  return difference > 0 === (wanted === 'more') ? 'b' : 'a';
}

function figuresOf(model: ModelView): Map<string, Figure> {
  const { evaluation, errorCost, variants = [], releaseBytes, gates = [] } = model;
  const more = (value: number | null): Figure => ({ unit: 'share', value, wanted: 'more' });
  const count = (value: number): Figure => ({ unit: 'count', value });
  return new Map<string, Figure>([
    ['accuracy', more(evaluation.accuracy)],
    ['balanced accuracy', more(evaluation.balancedAccuracy)],
    ['macro-F1', more(evaluation.macroF1)],
    ['ECE', { unit: 'share', value: evaluation.ece, wanted: 'less' }],
    ...evaluation.perClass.flatMap(({ label, precision, recall }): [string, Figure][] => [
      [`precision of ${label}`, more(precision)],
      [`recall of ${label}`, more(recall)],
    ]),
    ...(errorCost
      ? [
          ['error cost', { unit: 'cost', value: errorCost.perCase, wanted: 'less' }] satisfies [
            string,
            Figure,
          ],
        ]
      : []),
    ['worst group', more(worstGroup(evaluation.byGroup))],
    ['cases', count(evaluation.images)],
    ['release', { unit: 'bytes', value: releaseBytes, wanted: 'less' }],
    ...variants.flatMap((variant): [string, Figure][] => [
      [`${variant.name} size`, { unit: 'bytes', value: variant.bytes, wanted: 'less' }],
      [`${variant.name} per view`, { unit: 'ms', value: variant.msPerView, wanted: 'less' }],
      [`${variant.name} accuracy`, more(variant.accuracy)],
      [`${variant.name} says as fp32`, more(variant.agreement)],
      [`${variant.name} ECE`, { unit: 'share', value: variant.ece, wanted: 'less' }],
    ]),
    ['failed gates', { unit: 'count', value: failedGates(gates).length, wanted: 'less' }],
  ]);
}

/** One fruit's accuracy says nothing; a session's does. */
const groupImagesMin = 20;

function worstGroup(groups: ModelView['evaluation']['byGroup']): number | null {
  const large = groups.filter(({ images }) => images >= groupImagesMin);
  return large.length === 0 ? null : Math.min(...large.map(({ accuracy }) => accuracy));
}

function settingsOf(a: ModelView, b: ModelView): ComparedSetting[] {
  const settings = (model: ModelView) =>
    new Map<string, string>([
      ['network', model.network],
      ['dataset', `${model.dataset.name}@${model.dataset.digest.slice(0, 12)}`],
      ['colours', describeStandardise(model.standardise)],
      ['calibrated on', calibratedOn(model)],
      ['recipe', recipeOf(model)],
      ['labels', model.labels.join(', ')],
      ['went on from', model.parent ? `${model.parent.name}@${model.parent.version}` : 'nothing'],
      ['seed', String(model.seed)],
      ['code', model.codeRevision],
      ...Object.entries(model.parameters).map(([name, value]): [string, string] => [name, String(value)]),
    ]);
  const [left, right] = [settings(a), settings(b)];
  return [...new Set([...left.keys(), ...right.keys()])]
    .map((name) => ({ name, a: left.get(name) ?? null, b: right.get(name) ?? null }))
    .filter((setting) => setting.a !== setting.b);
}

/** With what was held back for its figures, which `measuredOn` goes by. */
function calibratedOn({ calibration }: ModelView): string {
  if (calibration === undefined) return 'nothing';
  const { dataset, heldBack } = calibration;
  return `${dataset.name}@${dataset.digest.slice(0, 12)}, held back: ${heldBack}`;
}

function recipeOf({ recipe }: ModelView): string {
  return recipe === undefined
    ? 'each station’s own'
    : `${recipe.name ?? 'unnamed'}, version ${recipe.version}`;
}

function notesOf(a: ModelView, b: ModelView): string[] {
  const notes: string[] = [];
  for (const { name, version, gates = [], evaluation } of [a, b]) {
    const few = fewCasesOf(evaluation);
    if (few !== undefined) notes.push(`The figures of ${name}@${version} are ${few}.`);
    const failed = failedGates(gates).map((gate) => gate.name);
    if (failed.length > 0) notes.push(`${name}@${version} fails ${failed.join(', ')}.`);
  }
  if (measuredOn(a) !== measuredOn(b))
    notes.push('They were measured on different images: a difference may be of those and not of the models.');
  if (a.evaluation.unit !== b.evaluation.unit)
    notes.push(
      `A case is one ${a.evaluation.unit} for the first and one ${b.evaluation.unit} for the second.`,
    );
  if (a.labels.join() !== b.labels.join()) notes.push('They have different grades.');
  if (a.errorCost && b.errorCost && String(a.errorCost.costs) !== String(b.errorCost.costs))
    notes.push('The project priced mistakes differently: their error costs are not of the same money.');
  return notes;
}
