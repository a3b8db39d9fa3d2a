import {
  type Evaluation,
  type HeldOutFigures,
  type LeaveOutReport,
  type Random,
  randomInt,
  seededRandom,
} from '@pomona/wire';
import type { Fold } from './leave-out.ts';

/** Fewer cases of a label say little about its recall; as in the evaluation by group. */
const gapCasesMin = 100;
const intervalFoldsMin = 10;
const resamples = 1_000;
const tail = 0.025;

export interface JudgedFold {
  readonly fold: Fold;
  readonly evaluation: Evaluation;
  readonly run: number | null;
  readonly reused: boolean;
}

/** What was found of all that was held out. */
export function leaveOutFigures(
  judged: readonly JudgedFold[],
  labels: readonly string[],
): Pick<LeaveOutReport, 'folds' | 'pooled' | 'recallGaps'> {
  const folds = judged.map(heldOutFigures);
  const matrices = judged.map(({ evaluation }) => evaluation.confusion);
  const confusion = labels.map((_, i) => labels.map((__, j) => sumOf(matrices.map((each) => each[i]![j]!))));
  const recalls = confusion.flatMap((row, i) => (sumOf(row) === 0 ? [] : [row[i]! / sumOf(row)]));
  const cases = sumOf(confusion.flat());
  return {
    folds,
    pooled: {
      ...{ cases, confusion, accuracy: cases === 0 ? null : accuracyOf(matrices) },
      accuracyInterval: intervalOf(matrices),
      balancedAccuracy: recalls.length === 0 ? null : sumOf(recalls) / recalls.length,
    },
    recallGaps: labels.map((label, at) => gapOf(label, at, folds)),
  };
}

function heldOutFigures({ fold, evaluation, run, reused }: JudgedFold): HeldOutFigures {
  const { value, images, groups, learnedFrom } = fold;
  return {
    ...{ value, images, groups, learnedFrom, accuracy: evaluation.accuracy },
    accuracyInterval: evaluation.intervals?.accuracy ?? null,
    perClass: evaluation.perClass.map(({ label, support, recall, recallInterval }) => ({
      ...{ label, cases: support, recall: support === 0 ? null : recall },
      recallInterval: recallInterval ?? null,
    })),
    ...{ run, reused },
  };
}

function gapOf(
  label: string,
  at: number,
  folds: readonly HeldOutFigures[],
): LeaveOutReport['recallGaps'][number] {
  const large = folds
    .flatMap(({ value, perClass }) => {
      const { cases, recall } = perClass[at]!;
      return cases >= gapCasesMin && recall !== null ? [{ value, recall }] : [];
    })
    .sort((a, b) => a.recall - b.recall);
  const [worst, best] = [large[0], large.at(-1)];
  if (large.length < 2) return { label, groups: large.length, gap: null, worst: null };
  return { label, groups: large.length, gap: best!.recall - worst!.recall, worst: worst!.value };
}

type Confusion = readonly (readonly number[])[];

function accuracyOf(matrices: readonly Confusion[]): number {
  const right = sumOf(matrices.flatMap((matrix) => matrix.map((row, i) => row[i]!)));
  return right / sumOf(matrices.flat(2));
}

/** Percentile bootstrap over whole values: that is how a new one would differ. */
function intervalOf(matrices: readonly Confusion[]): [number, number] | null {
  if (matrices.length < intervalFoldsMin) return null;
  const random = seededRandom(1, 'leave-out');
  const drawn = Array.from({ length: resamples }, () => accuracyOf(resampled(matrices, random)));
  drawn.sort((a, b) => a - b);
  return [drawn[Math.floor(tail * resamples)]!, drawn[Math.ceil((1 - tail) * resamples) - 1]!];
}

function resampled<T>(all: readonly T[], random: Random): T[] {
  return all.map(() => all[randomInt(random, all.length)]!);
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
