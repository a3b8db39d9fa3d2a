import { type Static, Type } from '@pomona/schema';
import { Digest, Slug } from './ids.ts';

const Share = Type.Number({ minimum: 0, maximum: 1 });

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
    /** How far to trust the outline. */
    score: Share,
  }),
  /** Why the answer may be less sure than it looks. */
  warnings: Type.Array(Type.String()),
  ms: Type.Number({ minimum: 0 }),
});
export type Prediction = Static<typeof Prediction>;

/** `NAME` for the newest version, `NAME@VERSION`, or `NAME@ALIAS` such as `apples@champion`. */
export const ModelReference = Type.String({
  pattern: '^[a-z0-9][a-z0-9-]{0,39}(@[a-z0-9][a-z0-9-]{0,39})?$',
});
