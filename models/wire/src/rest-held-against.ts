import { type Static, Type } from '@pomona/schema';
import { Slug } from './ids.ts';
import { Nullable } from './nullable.ts';

const Count = Type.Integer({ minimum: 0 });

/**
 * Another version, judged on the test split of this one in the run that made it. What the other had learned from itself counts in
 * no figure.
 */
export const HeldAgainst = Type.Object({
  model: Type.Object({ name: Slug, version: Type.Integer({ minimum: 1 }) }),
  cases: Count,
  /** Left out because the other learned from them; null where its dataset is not here any more, so that nobody knows. */
  learnedCases: Nullable(Count),
  accuracy: Type.Number(),
  theirAccuracy: Type.Number(),
  macroF1: Type.Number(),
  theirMacroF1: Type.Number(),
  /** Of the difference of the macro-F1, 95 %, by a paired bootstrap; null where there is too little to tell. */
  macroF1Difference: Nullable(Type.Tuple([Type.Number(), Type.Number()])),
  /** `old` cases were in the other's dataset and held back there too, `new` ones were not in it. */
  byOrigin: Type.Array(
    Type.Object({
      origin: Type.Enum(['old', 'new']),
      cases: Count,
      accuracy: Type.Number(),
      theirAccuracy: Type.Number(),
    }),
  ),
});
export type HeldAgainst = Static<typeof HeldAgainst>;
