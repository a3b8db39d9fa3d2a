import type { Evaluation } from '@pomona/wire';
import { figureIntervals } from './bootstrap.ts';
import { confusionFigures, mean, sum } from './confusion-metrics.ts';
import { sampleGroupPrefix } from './dataset.ts';
import { groupBy } from './group-by.ts';
import { type Known, knownAttributes } from './known-of.ts';
import { likeliest } from './likeliest.ts';
import { rankingOf } from './ranking.ts';
import { rankingCurvesOf } from './ranking-curves.ts';
import { type Calibration, calibratedLogits } from './score-calibration.ts';
import { softmax } from './softmax.ts';
import type { Judged } from './temperature.ts';

/** `logits` are calibrated. */
export interface EvaluatedCase extends Judged {
  /** What the network said before calibration, where that differs. */
  readonly rawLogits?: readonly number[];
  readonly group: string;
  readonly images: number;
  /** Of its first image; a case without one is not shown among the worst. */
  readonly digest?: string;
  /** Where that image came from. */
  readonly source?: string;
  readonly known?: Known;
}

const binCount = 15;
const worstMax = 24;
/** Fewer cases of a label in a group say little about its recall there. */
const gapCasesMin = 100;

type Counted = EvaluatedCase & {
  readonly predicted: number;
  readonly probabilities: readonly number[];
  readonly confidence: number;
  readonly right: boolean;
};

/** `said` are the network's own logits. */
export function calibratedCase<T extends Judged>(
  said: T,
  calibration: Calibration,
): T & { readonly rawLogits: readonly number[] } {
  return { ...said, logits: calibratedLogits(said.logits, calibration), rawLogits: said.logits };
}

/** The share whose likeliest label is the true one. */
export function accuracyOf(cases: readonly Judged[]): number {
  return share(cases.map(({ logits, label }) => ({ right: likeliest(logits) === label })));
}

/** The mean over labels of the share of their cases that was found. */
export function balancedAccuracyOf(cases: readonly Judged[], labelCount: number): number {
  const judged = cases.map(({ logits, label }) => ({ label, predicted: likeliest(logits) }));
  return confusionFigures(confusionOf(judged, labelCount)).balancedAccuracy;
}

/**
 * Expected calibration error: the mean distance between confidence and accuracy over bins of equal width. `logits` are
 * calibrated.
 */
export function expectedCalibrationError(cases: readonly Judged[]): number {
  return calibrationError(cases.map(({ logits, label }) => judgement(logits, label)));
}

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
  const confusion = confusionOf(judged, labels.length);
  const { perClass, ...figures } = confusionFigures(confusion);
  const groups = groupBy(judged, ({ group }) => group);
  const byGroup = [...(unit === 'fruit' ? originsOf(judged) : groups)].map(([group, members]) =>
    groupFigures(group, members, labels.length),
  );
  const byKnown = byKnownOf(judged, labels.length);
  const { precision, recall, ...intervals } = figureIntervals(judged, labels.length);
  return {
    unit,
    images: sum(cases.map(({ images }) => images)),
    groups: groups.size,
    ...figures,
    confusion,
    perClass: perClass.map((figuresOfClass, at) => {
      const scores = judged.map(({ probabilities }) => probabilities[at]!);
      const isOfClass = judged.map(({ label }) => label === at);
      const ranking = rankingOf(scores, isOfClass);
      const curves = rankingCurvesOf(scores, isOfClass);
      return {
        ...{ label: labels[at]!, ...figuresOfClass },
        ...(precision[at] === undefined ? {} : { precisionInterval: precision[at] }),
        ...(recall[at] === undefined ? {} : { recallInterval: recall[at] }),
        ...{ auc: ranking?.auc ?? null, averagePrecision: ranking?.averagePrecision ?? null },
        ...(curves === undefined ? {} : { curves }),
      };
    }),
    ece: calibrationError(judged),
    ...(cases.some(({ rawLogits }) => rawLogits !== undefined) ? { rawEce: rawError(cases) } : {}),
    ...{ byGroup, recallGaps: allGapsOf(byGroup, byKnown, labels), worst: worstOf(judged, labels) },
    ...(byKnown.length === 0 ? {} : { byKnown }),
    ...(cases.length === 0 ? {} : { intervals }),
  };
}

function judgement(logits: readonly number[], label: number) {
  const probabilities = softmax(logits);
  const predicted = likeliest(probabilities);
  return { probabilities, predicted, confidence: probabilities[predicted]!, right: predicted === label };
}

function rawError(cases: readonly EvaluatedCase[]): number {
  return expectedCalibrationError(
    cases.map(({ rawLogits, logits, label }) => ({ logits: rawLogits ?? logits, label })),
  );
}

export function confusionOf(
  judged: readonly Pick<Counted, 'label' | 'predicted'>[],
  labelCount: number,
): number[][] {
  const confusion = Array.from({ length: labelCount }, () => new Array<number>(labelCount).fill(0));
  for (const { label, predicted } of judged) confusion[label]![predicted]!++;
  return confusion;
}

/** What the model began with, and what stations sent; none where nothing was sent. */
function originsOf(judged: readonly Counted[]): (readonly [string, readonly Counted[]])[] {
  const ofLines = ({ group }: Counted): boolean => group.startsWith(sampleGroupPrefix);
  const origins = groupBy(judged, (each) => (ofLines(each) ? 'samples' : 'base'));
  return origins.has('samples') ? [...origins] : [];
}

function groupFigures(group: string, members: readonly Counted[], labelCount: number) {
  const { accuracy, perClass } = confusionFigures(confusionOf(members, labelCount));
  const support = perClass.map((each) => each.support);
  const recall = perClass.map((each) => each.recall);
  return { group, images: sum(members.map(({ images }) => images)), accuracy, support, recall };
}

/** By the values of whatever is known of the cases in two ways or more; cases of which it is not known are in none. */
function byKnownOf(judged: readonly Counted[], labelCount: number) {
  return knownAttributes.flatMap((by) => {
    const told = judged.filter(({ known }) => known?.[by] !== undefined);
    const values = [...groupBy(told, ({ known }) => known![by]!)];
    if (values.length < 2) return [];
    return [{ by, groups: values.map(([value, members]) => groupFigures(value, members, labelCount)) }];
  });
}

/** Between groups, and between those values. */
function allGapsOf(
  byGroup: readonly ReturnType<typeof groupFigures>[],
  byKnown: ReturnType<typeof byKnownOf>,
  labels: readonly string[],
): NonNullable<Evaluation['recallGaps']> {
  const between = byKnown.flatMap(({ by, groups }) =>
    recallGapsOf(groups, labels).map((gap) => ({ ...gap, by })),
  );
  return [...recallGapsOf(byGroup, labels), ...between];
}

/** By label, from the group that it is found best in to the one that it is found worst in. */
function recallGapsOf(
  byGroup: readonly ReturnType<typeof groupFigures>[],
  labels: readonly string[],
): NonNullable<Evaluation['recallGaps']> {
  return labels.map((label, at) => {
    const large = byGroup
      .filter(({ support }) => support[at]! >= gapCasesMin)
      .map(({ group, recall }) => ({ group, recall: recall[at]! }))
      .sort((a, b) => a.recall - b.recall);
    const [worst, best] = [large[0], large.at(-1)];
    if (large.length < 2) return { label, groups: large.length, gap: null, worst: null };
    return { label, groups: large.length, gap: best!.recall - worst!.recall, worst: worst!.group };
  });
}

/** What was graded wrong, the least likely truth first. */
function worstOf(judged: readonly Counted[], labels: readonly string[]): NonNullable<Evaluation['worst']> {
  return judged
    .flatMap(({ right, digest, source, group, label, predicted, probabilities }) =>
      right || digest === undefined
        ? []
        : [
            {
              digest,
              ...(source === undefined ? {} : { source }),
              group,
              truth: labels[label]!,
              graded: labels[predicted]!,
              probability: probabilities[label]!,
            },
          ],
    )
    .sort((a, b) => a.probability - b.probability)
    .slice(0, worstMax);
}

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

function share(cases: readonly { readonly right: boolean }[]): number {
  return cases.length === 0 ? 0 : cases.filter(({ right }) => right).length / cases.length;
}
