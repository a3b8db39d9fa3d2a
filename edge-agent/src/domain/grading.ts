import { type Decision, type JudgedFruit, judgeFruit, Standardiser, skinOfCells } from '@pomona/grading';
import { type Recipe, recentFruitsMax } from '@pomona/wire';
import { Answers } from './conduct.ts';
import type { RunnableRelease } from './line-messages.ts';
import type { ReleaseFigures } from './probation.ts';
import { RecentValues } from './recent-values.ts';
import type { ViewModel } from './view-model.ts';

/** What a fruit is graded by, and what became of all fruit that were. */
export interface Grading {
  readonly release: RunnableRelease;
  readonly model: ViewModel;
  /** Of a run, each by itself: uint8 [inputSize, inputSize, 3]. */
  readonly crops: readonly Uint8Array[];
  /** Undefined where colours stay as the camera gives them. */
  readonly standardiser: Standardiser | undefined;
  recipe: Recipe;
  /** Skin by the cells of the model's map of defects. */
  readonly skin: Float64Array | undefined;
  readonly figures: { -readonly [name in keyof Omit<ReleaseFigures, 'conduct'>]: number };
  readonly answers: Answers;
  /** What part of its time each fruit's decision took. */
  readonly timeUsed: RecentValues;
}

/** A percentile wants some hundred fruits: over ten seconds it would be the slowest one. */
const recentFruitsMs = 600_000;

export function gradingBy(release: RunnableRelease, model: ViewModel, recipe: Recipe): Grading {
  const { crops, capacity, inputSize } = model;
  const bytes = inputSize ** 2 * 3;
  return {
    ...{ release, model, recipe },
    crops: Array.from({ length: capacity }, (_, i) => crops.subarray(i * bytes, (i + 1) * bytes)),
    standardiser: release.standardise && new Standardiser(release.standardise),
    skin: model.defects && skinOfCells(model.defects.cells),
    figures: { frames: 0, fruits: 0, missedDeadlines: 0, unseen: 0, unusableViews: 0 },
    answers: new Answers(model.labels.length),
    timeUsed: new RecentValues(recentFruitsMs, recentFruitsMax),
  };
}

export function releaseFiguresOf({ figures, answers, timeUsed }: Grading, nowMs: number): ReleaseFigures {
  return { ...figures, conduct: answers.conduct(timeUsed, nowMs) };
}

/** By the very figures that its record will have, so that the control plane can judge it again. */
export function decideBy(
  recipe: Recipe,
  labels: readonly string[],
  views: readonly ArrayLike<number>[],
  found: Pick<JudgedFruit, 'probabilities' | 'measured'>,
): Decision {
  const { probabilities, measured } = found;
  return judgeFruit(recipe, labels, { probabilities, measured, views, viewCount: views.length });
}
