import { firstGradeOf, type LineGeometry, laneCentreYPx } from '@pomona/grading';
import type { FruitInView } from './fruit-in-view.ts';
import type { Grading } from './grading.ts';
import type { FruitOnPicture } from './line-messages.ts';
import type { Track } from './live-track.ts';

/** Where a fruit is in the frame that was graded last, and what it is or looks like. `isPaused`: nothing is graded now. */
export function fruitOnPicture(
  { lane, xMm, diameterMm, fruit }: Track<FruitInView<Grading>> & { readonly xMm: number },
  geometry: LineGeometry,
  isPaused: boolean,
): FruitOnPicture {
  return {
    lane,
    xPx: xMm / geometry.mmPerPx,
    yPx: Number.isNaN(fruit.yPx) ? laneCentreYPx(geometry, lane) : fruit.yPx,
    radiusPx: diameterMm / geometry.mmPerPx / 2,
    isDecided: fruit.grade !== undefined,
    isPaused: fruit.grade === undefined ? isPaused : fruit.isPaused,
    grade: fruit.grade ?? looksLike(fruit),
  };
}

/** Undefined for what was not seen yet. */
function looksLike(fruit: FruitInView<Grading>): string | undefined {
  const { recipe, model } = fruit.grading;
  const probabilities = fruit.fuse(recipe.fusion);
  return probabilities.length === 0 ? undefined : firstGradeOf(recipe, model.labels, probabilities);
}
