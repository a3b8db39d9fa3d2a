import { type Static, Type } from '@pomona/schema';
import { GivenInstant } from './given-instant.ts';
import { Instant, Slug } from './ids.ts';
import { Nullable } from './nullable.ts';

const Count = Type.Integer({ minimum: 0 });

/** `POST /v1/recipes/dry-run`: what stored fruits would have got by a recipe. */
export const RecipeDryRunRequest = Type.Object(
  {
    /** The document; what is wrong with it is said by field. */
    recipe: Type.Record(Type.String(), Type.Unknown()),
    /** Whose fruits: `NAME` for all its versions, or `NAME@3`. */
    model: Type.String({ pattern: '^[a-z0-9-]{1,64}(@[1-9][0-9]{0,8})?$' }),
    station: Type.Optional(Slug),
    /** Of what came in from then on; the last 24 hours unless given. */
    since: Type.Optional(GivenInstant),
    /** Of what came in before. */
    until: Type.Optional(GivenInstant),
    /** Not more fruits than these, the first ones; 100,000 unless given. */
    fruitsMax: Type.Optional(Type.Integer({ minimum: 1, maximum: 500_000 })),
  },
  { additionalProperties: false },
);
export type RecipeDryRunRequest = Static<typeof RecipeDryRunRequest>;

/** `POST /v1/recipes`: a new version of a model, with its network and another recipe. */
export const GiveRecipeRequest = Type.Object(
  {
    /** `NAME` for the newest version, `NAME@3` or `NAME@champion`. */
    model: Type.String({ pattern: '^[a-z0-9-]{1,64}(@[a-z0-9-]{1,64})?$' }),
    /** The document; what is wrong with it is said by field. */
    recipe: Type.Record(Type.String(), Type.Unknown()),
    reason: Type.String({ minLength: 3, maxLength: 500 }),
  },
  { additionalProperties: false },
);
export type GiveRecipeRequest = Static<typeof GiveRecipeRequest>;

const Changed = Type.Object({ before: Slug, after: Slug });

export const RecipeDryRun = Type.Object({
  recipe: Type.Object({ name: Nullable(Slug), version: Type.Integer({ minimum: 1 }) }),
  /** That it may give, best first. */
  grades: Type.Array(Slug),
  model: Type.String(),
  /** Of the model. */
  labels: Type.Array(Slug),
  since: Instant,
  until: Instant,
  /** There are more fruits than `fruitsMax`; `until` is then when the last of those came in. */
  isCut: Type.Boolean(),
  /** All that were read: those judged, and those that could not be. */
  fruits: Count,
  judged: Count,
  changed: Count,
  /** Of those judged; null without any. */
  changedShare: Nullable(Type.Number({ minimum: 0, maximum: 1 })),
  /** Would have gone to another gate. */
  gateChanged: Count,
  /** Decided too late, or while the line was paused: no recipe had a say. */
  undecided: Count,
  /** Lack a figure that the recipe's answer hangs on; not in `judged`. */
  unmeasured: Type.Object({
    fruits: Count,
    figures: Type.Array(Type.Object({ figure: Type.String(), fruits: Count })),
  }),
  /** Of a model whose labels the recipe does not fit, with the reason of the first. */
  unfit: Type.Object({ fruits: Count, reason: Nullable(Type.String()) }),
  /** Grades as they were against those of this recipe, most fruits first. */
  confusion: Type.Array(Type.Object({ ...Changed.properties, fruits: Count })),
  stations: Type.Array(Type.Object({ station: Slug, judged: Count, changed: Count, unmeasured: Count })),
  /** How many fruits each rule decided. */
  rules: Type.Array(Type.Object({ rule: Slug, fruits: Count })),
  /** Some that would have changed, up to five of each change. */
  examples: Type.Array(
    Type.Object({
      ...Changed.properties,
      station: Slug,
      boot: Type.String(),
      seq: Count,
      at: Instant,
      rule: Nullable(Slug),
      /** The rule, the ceiling or what else of the recipe gave the grade, in words. */
      decidedBy: Type.String(),
      diameterMm: Type.Number(),
    }),
  ),
});
export type RecipeDryRun = Static<typeof RecipeDryRun>;
