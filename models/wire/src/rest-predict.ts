import { type Static, Type } from '@pomona/schema';
import { Digest, Slug } from './ids.ts';

const Share = Type.Number({ minimum: 0, maximum: 1 });

/**
 * Where a crop speaks for a label and where against it: a class activation map. In log-odds against the mean of all labels: `elsewhere`
 * and the evidence of all cells add up to what the label's probability is the softmax of.
 */
export const Explanation = Type.Object({
  /** Cells of the map; together they cover the crop. */
  rows: Type.Integer({ minimum: 1 }),
  columns: Type.Integer({ minimum: 1 }),
  byLabel: Type.Array(
    Type.Object({
      label: Slug,
      /** Of each cell, row by row from the top left; above 0 speaks for the label. 0 where the crop shows no fruit. */
      evidence: Type.Array(Type.Number()),
      /** What a typical picture of the training gets, and what comes from beside the fruit. */
      elsewhere: Type.Number(),
    }),
  ),
});
export type Explanation = Static<typeof Explanation>;

/** `POST /v1/predict` with an image as the body: what a model says about the one fruit of a photograph. */
export const Prediction = Type.Object({
  grade: Slug,
  /** In the order of the model's labels. */
  probabilities: Type.Array(Type.Object({ label: Slug, probability: Share })),
  model: Type.Object({ name: Slug, version: Type.Integer({ minimum: 1 }), digest: Digest }),
  /** What the model was shown, and where in the picture it was found. */
  seen: Type.Object({
    /** The crop: PNG, base64. */
    cropPng: Type.String(),
    /** Corners of the fruit's outline as shares of the upright picture's width and height. */
    outline: Type.Array(Type.Tuple([Type.Number(), Type.Number()])),
    /** What of the picture the crop shows, as shares of its width and height; may reach beyond it. */
    cropPlace: Type.Object({
      left: Type.Number(),
      top: Type.Number(),
      width: Type.Number(),
      height: Type.Number(),
    }),
    /** How far to trust the outline. */
    score: Share,
  }),
  /** Not of a network whose grade cannot be followed back to places. */
  explanation: Type.Optional(Explanation),
  /** Why the answer may be less sure than it looks. */
  warnings: Type.Array(Type.String()),
  ms: Type.Number({ minimum: 0 }),
});
export type Prediction = Static<typeof Prediction>;

/** One of the `worst` of a version's evaluation, with its picture where that is still here. */
export const WorstCase = Type.Object({
  /** Of the case's first image. */
  digest: Digest,
  source: Type.Optional(Type.String()),
  group: Type.String(),
  truth: Slug,
  graded: Slug,
  /** Of the truth. */
  probability: Share,
  /** What the model was shown: PNG, base64. */
  cropPng: Type.Optional(Type.String()),
  /** Of this image alone, where a case is a fruit of several. */
  explanation: Type.Optional(Explanation),
});
export type WorstCase = Static<typeof WorstCase>;

/** `NAME` for the newest version, `NAME@VERSION`, or `NAME@ALIAS` such as `apples@champion`. */
export const ModelReference = Type.String({
  pattern: '^[a-z0-9][a-z0-9-]{0,39}(@[a-z0-9][a-z0-9-]{0,39})?$',
});
