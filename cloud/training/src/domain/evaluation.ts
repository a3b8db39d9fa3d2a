import type { Evaluation } from '@pomona/wire';
import { sampleGroupPrefix } from './dataset.ts';
import { type Calibration, calibratedLogits } from './score-calibration.ts';
import { softmax } from './softmax.ts';
import type { Judged } from './temperature.ts';

/** `logits` are calibrated. */
export interface EvaluatedCase extends Judged {
  /** What the network said before calibration, where that differs. */
  readonly rawLogits?: readonly number[];
  readonly group: string;
  readonly images: number;
}

const binCount = 15;

/** `said` are the network's own logits. */
export function calibratedCase<T extends Judged>(
  said: T,
  calibration: Calibration,
): T & { readonly rawLogits: readonly number[] } {
  return { ...said, logits: calibratedLogits(said.logits, calibration), rawLogits: said.logits };
}

type Counted = EvaluatedCase & { readonly right: boolean };

/**
 * What the wire calls an evaluation. By group only where a case is an image: else every group is one case, and where
 * fruit of the lines is among them it is counted apart from what the model began with.
 */
export function evaluationOf(
  cases: readonly EvaluatedCase[],
  labels: readonly string[],
  unit: Evaluation['unit'],
): Evaluation {
  const judged = cases.map((each) => ({ ...each, ...judgement(each.logits, each.label) }));
  const confusion = labels.map(() => labels.map(() => 0));
  for (const { label, predicted } of judged) confusion[label]![predicted]!++;
  const perClass = labels.map((label, at) => classMetrics(label, confusion, at));
  const present = perClass.filter(({ support }) => support > 0);
  const groups = groupBy(judged);
  return {
    unit,
    images: cases.reduce((sum, { images }) => sum + images, 0),
    groups: groups.size,
    accuracy: share(judged),
    balancedAccuracy: mean(present.map(({ recall }) => recall ?? 0)),
    macroF1: mean(present.map(({ f1 }) => f1 ?? 0)),
    confusion,
    perClass,
    ece: calibrationError(judged),
    ...(cases.some(({ rawLogits }) => rawLogits !== undefined) ? { rawEce: rawError(cases) } : {}),
    byGroup:
      unit === 'fruit'
        ? byOrigin(judged)
        : [...groups].map(([group, members]) => ({
            group,
            images: members.reduce((sum, { images }) => sum + images, 0),
            accuracy: share(members),
          })),
  };
}

function judgement(logits: readonly number[], label: number) {
  const probabilities = softmax(logits);
  const predicted = probabilities.indexOf(Math.max(...probabilities));
  return { predicted, confidence: probabilities[predicted]!, right: predicted === label };
}

function rawError(cases: readonly EvaluatedCase[]): number {
  return calibrationError(cases.map(({ rawLogits, logits, label }) => judgement(rawLogits ?? logits, label)));
}

function byOrigin(judged: readonly Counted[]): Evaluation['byGroup'] {
  const samples = judged.filter(({ group }) => group.startsWith(sampleGroupPrefix));
  if (samples.length === 0) return [];
  const base = judged.filter(({ group }) => !group.startsWith(sampleGroupPrefix));
  return Object.entries({ base, samples })
    .filter(([, members]) => members.length > 0)
    .map(([group, members]) => ({
      group,
      images: members.reduce((sum, { images }) => sum + images, 0),
      accuracy: share(members),
    }));
}

function classMetrics(label: string, confusion: readonly (readonly number[])[], at: number) {
  const hits = confusion[at]![at]!;
  const support = sum(confusion[at]!);
  const predicted = sum(confusion.map((row) => row[at]!));
  return {
    label,
    precision: predicted > 0 ? hits / predicted : null,
    recall: support > 0 ? hits / support : null,
    f1: support + predicted > 0 ? (2 * hits) / (support + predicted) : null,
    support,
  };
}

/** Expected calibration error: the mean distance between confidence and accuracy over bins of equal width. */
function calibrationError(judged: readonly { confidence: number; right: boolean }[]): number {
  let error = 0;
  for (let bin = 0; bin < binCount; bin++) {
    const inside = judged.filter(
      ({ confidence }) => Math.min(binCount - 1, Math.floor(confidence * binCount)) === bin,
    );
    if (inside.length === 0) continue;
    const confidence = mean(inside.map((each) => each.confidence));
    error += (inside.length / judged.length) * Math.abs(confidence - share(inside));
  }
  return error;
}

function groupBy<T extends { readonly group: string }>(cases: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const each of cases) {
    const members = groups.get(each.group);
    if (members) members.push(each);
    else groups.set(each.group, [each]);
  }
  return groups;
}

function share(cases: readonly { readonly right: boolean }[]): number {
  return cases.length === 0 ? 0 : cases.filter(({ right }) => right).length / cases.length;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

function mean(numbers: readonly number[]): number {
  return numbers.length === 0 ? 0 : sum(numbers) / numbers.length;
}
