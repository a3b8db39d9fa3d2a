import type { FruitRecord, Recipe } from '@pomona/wire';
import type { RunnableRelease } from './line-messages.ts';
import type { SeenView } from './seen-views.ts';

export interface DecidedFruit {
  readonly release: RunnableRelease;
  readonly record: FruitRecord;
  /** uint8 [inputSize, inputSize, 3] each, at most `countMax`; copies. */
  crops(countMax: number): readonly Uint8Array[];
  /** The same, from the middle of the view. Not copies: as good as `viewProbabilities`. */
  centralCrops(countMax: number): readonly Uint8Array[];
}

/** With what its grade can be explained by. */
export interface ExplainedFruit extends DecidedFruit {
  readonly recipe: Recipe;
  /** Per view, in the order of capture, one share per label. Another fruit's when `onDecided` has returned. */
  readonly viewProbabilities: readonly ArrayLike<number>[];
  /** Those that `centralCrops` of all that are kept are of. As good as `viewProbabilities`. */
  keptViews(): readonly SeenView[];
}
