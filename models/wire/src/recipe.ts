/**
 * The packhouse's grading policy for a line, as a document: how views become a fruit's probabilities, and those, with what
 * was measured, its grade and its gate. It says what and not how: comparisons, all, any and not, nothing that runs.
 *
 * `v: 1` knows ceilings and gates; whatever else is here needs `v: 2`, which agents from before refuse as a whole instead of
 * grading by half of it. For the same reason nothing unknown is let through inside the parts that came with `v: 2`.
 */
import { type Static, Type } from '@pomona/schema';
import { Slug } from './ids.ts';

const Share = Type.Number({ minimum: 0, maximum: 1 });
const Limit = Type.Number({ minimum: 0, maximum: 1_000_000 });
const Note = Type.String({ minLength: 1, maxLength: 400 });
const Views = Type.Integer({ minimum: 1, maximum: 64 });
const Cost = Type.Number({ minimum: 0, maximum: 1_000 });
const exact = { additionalProperties: false } as const;

/** What is known of a fruit, and the unit of each. */
export const recipeFigures = {
  diameterMm: 'mm',
  roundness: 'share, shorter axis over longer axis',
  views: 'count',
  /** Of belt travel from the first view to the last, over the fruit's circumference. */
  turns: 'turns',
  /** Of the skin, in the named colour. */
  colourShare: 'share',
  /** Of the skin that was seen; stem and calyx do not count. */
  defectShare: 'share',
  /** Of it, what is rot. */
  rotShare: 'share',
  /** The same as `defectShare` on a ball of the fruit's diameter. */
  defectAreaMm2: 'mm²',
  /** Of the label `of`. */
  probability: 'share',
} as const;
export type RecipeFigure = keyof typeof recipeFigures;

const comparison = {
  figure: Type.Optional(Type.Enum(Object.keys(recipeFigures) as RecipeFigure[])),
  /** Of `colourShare`: one of the recipe's `colours`. */
  colour: Type.Optional(Slug),
  /** Of `probability`: a label of the model. */
  of: Type.Optional(Slug),
  below: Type.Optional(Limit),
  atMost: Type.Optional(Limit),
  above: Type.Optional(Limit),
  atLeast: Type.Optional(Limit),
};
const Comparison = Type.Object(comparison, exact);
const Inner = Type.Object(
  {
    ...comparison,
    all: Type.Optional(Type.Array(Comparison, { minItems: 1, maxItems: 8 })),
    any: Type.Optional(Type.Array(Comparison, { minItems: 1, maxItems: 8 })),
    not: Type.Optional(Comparison),
  },
  exact,
);

/** One comparison, or `all`, `any` or `not` of others, two deep. */
export const RecipeCondition = Type.Object(
  {
    ...comparison,
    all: Type.Optional(Type.Array(Inner, { minItems: 1, maxItems: 8 })),
    any: Type.Optional(Type.Array(Inner, { minItems: 1, maxItems: 8 })),
    not: Type.Optional(Inner),
  },
  exact,
);
export type RecipeComparison = Static<typeof Comparison>;
export interface RecipeCondition extends RecipeComparison {
  readonly all?: readonly RecipeCondition[];
  readonly any?: readonly RecipeCondition[];
  readonly not?: RecipeCondition;
}

/** Of all rules the first applies whose condition holds, `noBetterThan` only where the grade is better; none is looked at after it. */
export const RecipeRule = Type.Object(
  {
    name: Slug,
    when: RecipeCondition,
    /** The fruit gets this grade where it would get a better one. */
    noBetterThan: Type.Optional(Slug),
    /** The fruit gets this grade, whatever it would get. */
    grade: Type.Optional(Slug),
    /** Where the limit comes from. */
    source: Type.Optional(Note),
  },
  exact,
);
export type RecipeRule = Static<typeof RecipeRule>;

export const fusionMethods = ['meanLogProbability', 'worstView', 'weights'] as const;

/** A share of the skin beyond which a fruit is worse, as far as the measure tells: its odds are (share / `at`) to the power `steepness`. */
const AreaLimit = Type.Object(
  {
    at: Type.Number({ minimum: 1e-5, maximum: 1 }),
    steepness: Type.Number({ minimum: 0.1, maximum: 100 }),
  },
  exact,
);
export type AreaLimit = Static<typeof AreaLimit>;

/** What the areas of a fruit's defects say of its label, beside what its views do. */
export const RecipeAreas = Type.Object(
  {
    /** What the logarithm of a label's probability by its areas is multiplied by. */
    weight: Type.Number({ minimum: 0, maximum: 10 }),
    /** Of `defectShare`: between each label and the next worse. */
    defect: Type.Array(AreaLimit, { minItems: 1, maxItems: 15 }),
    /** Of `rotShare`: beyond it a fruit is of the worst label. */
    rot: Type.Optional(AreaLimit),
  },
  exact,
);
export type RecipeAreas = Static<typeof RecipeAreas>;

/** How the views' probabilities become the fruit's. */
export const RecipeFusion = Type.Object(
  {
    method: Type.Enum([...fusionMethods]),
    /** Of `worstView`: so many views must be at least as bad; 1 unless given. */
    confirmedBy: Type.Optional(Views),
    /** Of `weights`: of the views from the first to the last, in as many equal parts as there are numbers. */
    byPosition: Type.Optional(Type.Array(Share, { minItems: 1, maxItems: 16 })),
    /** Of `weights`: of the views from the worst to the best, in as many equal parts as there are numbers. */
    byBadness: Type.Optional(Type.Array(Share, { minItems: 1, maxItems: 16 })),
    /** Of `weights`: a view counts by (1 - entropy / largest entropy) to this power; 0, the default, is all alike. */
    certainty: Type.Optional(Type.Number({ minimum: 0, maximum: 8 })),
    /** Of `weights`: what the weighted mean of the logarithms is multiplied by; 1 unless given. */
    scale: Type.Optional(Type.Number({ minimum: 0.01, maximum: 100 })),
    /** Of `weights`: what is added to it then, by label; the first label's is 0. */
    shift: Type.Optional(
      Type.Array(Type.Number({ minimum: -100, maximum: 100 }), { minItems: 1, maxItems: 16 }),
    ),
    /** Of `weights`: joins what comes of that. */
    areas: Type.Optional(RecipeAreas),
  },
  exact,
);
export type RecipeFusion = Static<typeof RecipeFusion>;

/** Hues from one to before the other, degrees: 0 is red, 60 yellow, 120 green. In steps of the histogram. */
export const RecipeColour = Type.Object(
  {
    fromHue: Type.Integer({ minimum: -40, maximum: 140 }),
    toHue: Type.Integer({ minimum: -40, maximum: 140 }),
    source: Type.Optional(Note),
  },
  exact,
);

export const Recipe = Type.Object({
  v: Type.Union([Type.Literal(1), Type.Literal(2)]),
  version: Type.Integer({ minimum: 1 }),
  name: Type.Optional(Slug),
  about: Type.Optional(Type.String({ maxLength: 2_000 })),
  /** Its own grades, the best first; the model's labels unless given. */
  grades: Type.Optional(Type.Array(Slug, { minItems: 1, maxItems: 16 })),
  /** The grade that a label stands for, where grades are not labels. */
  gradeOf: Type.Optional(Type.Record(Type.String(), Slug, { maxProperties: 16 })),
  /** What giving a grade costs, by what the fruit truly is (a label): the cheapest grade is given instead of the likeliest. */
  costs: Type.Optional(
    Type.Record(Type.String(), Type.Record(Type.String(), Cost, { maxProperties: 16 }), {
      maxProperties: 16,
    }),
  ),
  fusion: Type.Optional(RecipeFusion),
  /** What a fruit gets that was not graded in time or not seen well enough. */
  defaultGrade: Slug,
  /** Fewer views than this give the default grade. */
  viewsMin: Views,
  /**
   * A fruit is not given `grade` while the probability of `of` exceeds `maxProbability`; it gets `elseGrade`. With `views`
   * it is the probability that so many single views exceed: a small rotten spot is seen in few of them.
   */
  ceilings: Type.Array(
    Type.Object({
      grade: Slug,
      of: Slug,
      maxProbability: Share,
      elseGrade: Slug,
      views: Type.Optional(Views),
      source: Type.Optional(Note),
    }),
    { maxItems: 16 },
  ),
  /** Where limits come from that have no place of their own for it. */
  sources: Type.Optional(
    Type.Object(
      {
        defaultGrade: Type.Optional(Note),
        viewsMin: Type.Optional(Note),
        costs: Type.Optional(Note),
        fusion: Type.Optional(Note),
      },
      exact,
    ),
  ),
  /** After the ceilings. */
  rules: Type.Optional(Type.Array(RecipeRule, { maxItems: 32 })),
  /** What rules call by a name. */
  colours: Type.Optional(Type.Record(Type.String(), RecipeColour, { maxProperties: 16 })),
  /** What cameras at the line cannot judge, and people have to. */
  notSeen: Type.Optional(
    Type.Array(Type.Object({ what: Note, source: Type.Optional(Note) }, exact), { maxItems: 32 }),
  ),
  gates: Type.Array(
    Type.Object({
      grade: Slug,
      gate: Type.Integer({ minimum: 0, maximum: 63 }),
    }),
    { minItems: 1, maxItems: 16 },
  ),
});
export type Recipe = Static<typeof Recipe>;

/** Hues from -40° to 140° by ten degrees: purple red to green, where apples are. */
export const hueBins = 18;
export const hueFrom = -40;
export const hueStep = 10;

/** What was measured of a fruit beside its size and mean colour. What does not stand here was not measured. */
export const FruitMeasures = Type.Object({
  /** Shorter over longer axis of the fruit's ellipse, mean of its views. */
  roundness: Type.Optional(Share),
  turns: Type.Optional(Type.Number({ minimum: 0, maximum: 1_000 })),
  /** Thousandths of the skin by hue, from -40° by 10°; what is too dark or too grey for a hue is in none. */
  hues: Type.Optional(
    Type.Array(Type.Integer({ minimum: 0, maximum: 1_000 }), { minItems: hueBins, maxItems: hueBins }),
  ),
  /** Of the skin, in the mean of the views; only where the model draws a map of defects. */
  defectShare: Type.Optional(Share),
  /** Of the same skin, what is rot; left out by agents from before. */
  rotShare: Type.Optional(Share),
  /** Standard deviation of luma (0 to 255), mean of two views from the middle of the picture; left out by agents from before. */
  contrast: Type.Optional(Type.Number({ minimum: 0, maximum: 128 })),
  /** Variance of luma's Laplacian in the same views, luma squared. */
  sharpness: Type.Optional(Type.Number({ minimum: 0, maximum: 1_040_400 })),
  /**
   * Base64 of uint16, big endian: a number of steps, then the views' probabilities, [views, labels]: -steps ln p. Without that first number
   * they are 4000 (agents from before). Left out where they are too many.
   */
  views: Type.Optional(Type.String({ maxLength: 640 })),
  /** How `probabilities` were fused, where it was not `meanLogProbability`. */
  fusion: Type.Optional(Type.Enum([...fusionMethods])),
});
export type FruitMeasures = Static<typeof FruitMeasures>;
