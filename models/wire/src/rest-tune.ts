import { type Static, Type } from '@pomona/schema';
import { Slug } from './ids.ts';
import { MadeVersion, TrainRequest } from './rest-jobs.ts';

/** `POST /v1/jobs/tune`: tries networks, sizes of crops and settings within a budget, trains the best in full and registers it. */
export const TuneOrder = Type.Object(
  {
    dataset: TrainRequest.properties.dataset,
    /** The model that gets a new version. */
    name: Slug,
    /** From the catalog, to choose from; `sequential` and `compact` unless given. */
    networks: Type.Optional(
      Type.Array(Type.String({ maxLength: 40 }), { minItems: 1, maxItems: 8, uniqueItems: true }),
    ),
    /** Sides of the crops to choose from, pixels, at most the dataset's; its own, two thirds and half of it unless given. */
    sizes: Type.Optional(
      Type.Array(Type.Integer({ minimum: 16, maximum: 512 }), {
        minItems: 1,
        maxItems: 8,
        uniqueItems: true,
      }),
    ),
    /** Of macro-F1, for a network that takes half the time of a view; 0.005 unless given. */
    halfTimeWorth: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
    /** No trial begins after this; 10 unless given. The training of the best comes on top. */
    budgetMinutes: Type.Optional(Type.Number({ minimum: 0.01, maximum: 10_000 })),
    /** Settings to try; 8 unless given. */
    trials: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })),
    /** Of the shortest trials; 4 unless given. */
    firstEpochs: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })),
    /** Of the full training; the network's recipe says unless given. */
    epochs: Type.Optional(Type.Integer({ minimum: 2, maximum: 10_000 })),
    seed: Type.Optional(Type.Integer({ minimum: 0, maximum: 2 ** 31 })),
  },
  { additionalProperties: false },
);
export type TuneOrder = Static<typeof TuneOrder>;

/** What is drawn for a trial. */
const settings = {
  /** Its number; a trial that goes on for longer keeps it. */
  trial: Type.Integer({ minimum: 1 }),
  network: Type.String(),
  /** Side of the crops, pixels. */
  size: Type.Integer({ minimum: 1 }),
  epochs: Type.Integer({ minimum: 1 }),
};

export const TuneTrial = Type.Object({
  ...settings,
  recipe: Type.Object({
    learningRate: Type.Number(),
    classBalance: Type.Number(),
    augmentation: Type.Object({
      brightness: Type.Number(),
      whiteBalance: Type.Number(),
      gamma: Type.Number(),
    }),
  }),
  /** On validation. */
  macroF1: Type.Number(),
  /** Of the network at that size, fp32, on one thread of this machine. */
  msPerView: Type.Number(),
  /** `macroF1`, less what its slowness costs beside the fastest that is tried. */
  score: Type.Number(),
  /** No trial that is as fast is better, and none that is as good is faster. */
  isOnFront: Type.Boolean(),
  seconds: Type.Number(),
});
export type TuneTrial = Static<typeof TuneTrial>;

/** The result of a job of kind `tune`, also while it runs. */
export const TuneResult = Type.Object({
  /** In the order in which they ended. */
  trials: Type.Array(TuneTrial),
  /** What is tried now; not there between trials and afterwards. */
  trying: Type.Optional(Type.Object(settings)),
  /** What is trained in full, and why; not there before. */
  chosen: Type.Optional(TuneTrial),
  why: Type.Optional(Type.String()),
  /** The version that was made, once it is registered. */
  ...Type.Partial(MadeVersion).properties,
});
export type TuneResult = Static<typeof TuneResult>;
