/** What an agent must know of its place before it can ask anybody: a JSON file beside it. */

import { type Static, Type } from '@pomona/schema';
import { Claim, KbitPerS, Slug } from '@pomona/wire';
import { CameraConfig } from './camera-config.ts';
import { GateConfig } from './gate-config.ts';
import { pinHashPattern } from './pin.ts';

const strict = { additionalProperties: false };
const Path = Type.String({ minLength: 1, maxLength: 1_000 });

export const Geometry = Type.Object(
  {
    frameWidthPx: Type.Integer({ minimum: 64, maximum: 4_096, default: 640 }),
    frameHeightPx: Type.Integer({ minimum: 64, maximum: 4_096, default: 320 }),
    mmPerPx: Type.Number({ exclusiveMinimum: 0, maximum: 10, default: 0.9 }),
    lanes: Type.Integer({ minimum: 1, maximum: 16, default: 2 }),
    /** From the camera's exit edge to the gates, along the belt. */
    gateDistanceMm: Type.Number({ exclusiveMinimum: 0, maximum: 10_000, default: 300 }),
    fruitDiameterMinMm: Type.Number({ exclusiveMinimum: 0, maximum: 500, default: 60 }),
    fruitDiameterMaxMm: Type.Number({ exclusiveMinimum: 0, maximum: 500, default: 90 }),
  },
  strict,
);
export type Geometry = Static<typeof Geometry>;

const SampleRate = {
  perMinuteMax: Type.Number({ minimum: 0, maximum: 600 }),
  perDayMax: Type.Integer({ minimum: 0, maximum: 100_000 }),
};

/** Which fruit's views are sent for a person to label. Each reason has its own limits. */
export const SamplingConfig = Type.Object(
  {
    uncertain: Type.Object(
      {
        /** The most probable grade has less than this, */
        topBelow: Type.Number({ minimum: 0, maximum: 1, default: 0.7 }),
        /** or is less than this ahead of the next. */
        marginBelow: Type.Number({ minimum: 0, maximum: 1, default: 0.2 }),
        perMinuteMax: { ...SampleRate.perMinuteMax, default: 6 },
        perDayMax: { ...SampleRate.perDayMax, default: 500 },
      },
      { ...strict, default: {} },
    ),
    random: Type.Object(
      {
        /** Of all fruit; tells how the model does on what it is sure of. */
        share: Type.Number({ minimum: 0, maximum: 1, default: 0.005 }),
        perMinuteMax: { ...SampleRate.perMinuteMax, default: 2 },
        perDayMax: { ...SampleRate.perDayMax, default: 100 },
      },
      { ...strict, default: {} },
    ),
    /** Of the outbox, for samples that wait to be sent; the oldest go first. */
    limitBytes: Type.Integer({ minimum: 0, maximum: 2 ** 40, default: 16 * 2 ** 20 }),
  },
  { ...strict, default: {} },
);
export type SamplingConfig = Static<typeof SamplingConfig>;

/** How a new release proves itself on the line before the one before it is given up. */
export const ProbationConfig = Type.Object(
  {
    /** It is proven after so long, on an empty belt too, */
    soakS: Type.Number({ minimum: 1, maximum: 3_600, default: 60 }),
    /** or before with so many fruits graded in time. */
    fruits: Type.Integer({ minimum: 1, maximum: 100_000, default: 50 }),
    /** More late fruits than this share, or */
    missedShareMax: Type.Number({ minimum: 0, maximum: 1, default: 0.1 }),
    /** more with too few usable views, and it goes back. */
    unseenShareMax: Type.Number({ minimum: 0, maximum: 1, default: 0.5 }),
  },
  { ...strict, default: {} },
);
export type ProbationConfig = Static<typeof ProbationConfig>;

export const StatisticsConfig = Type.Object(
  {
    /** So many fruits are counted and judged together; few show a change sooner, many show a smaller one. */
    windowFruits: Type.Integer({ minimum: 100, maximum: 5_000, default: 500 }),
  },
  { ...strict, default: {} },
);
export type StatisticsConfig = Static<typeof StatisticsConfig>;

/** How releases come to the station. What it sends, and what it is told, travels by MQTT in any case. */
export const UpdateConfig = Type.Object(
  {
    /** Their files as messages, or over HTTPS from the port that the station enrolled at. */
    transport: Type.Enum(['mqtt', 'https'], { default: 'mqtt' }),
    /** Where that is, should it not be where the control plane said at the enrolment. */
    url: Type.Optional(Type.String({ pattern: '^https://[^/?#@]+/?$', maxLength: 300 })),
    /**
     * So many thousand bits a second of release files down, and of samples up; without it there is no cap. Grades and health
     * are never held back by it.
     */
    kbitPerSMax: Type.Optional(KbitPerS),
  },
  { ...strict, default: {} },
);
export type UpdateConfig = Static<typeof UpdateConfig>;

/** The page at the line. Without this part nothing listens. */
export const OperatorPageConfig = Type.Object(
  {
    /** On which address: this board alone unless said otherwise, `0.0.0.0` for all of its networks. */
    host: Type.String({ minLength: 1, maxLength: 255, default: '127.0.0.1' }),
    /** 0: any that is free; the log says which. */
    port: Type.Integer({ minimum: 0, maximum: 65_535, default: 8_095 }),
    /** As `pomona-agent pin` prints it; without one nothing can be changed. */
    pinHash: Type.Optional(Type.String({ pattern: pinHashPattern })),
    /** Who may look: anybody who reaches the page, or who has typed the PIN. */
    watching: Type.Enum(['open', 'pin'], { default: 'open' }),
  },
  strict,
);
export type OperatorPageConfig = Static<typeof OperatorPageConfig>;

export const logLevels = ['error', 'warn', 'info', 'debug', 'trace'] as const;

/** Relative paths start at the file's own folder. */
export const StationConfig = Type.Object(
  {
    v: Type.Literal(1),
    site: Slug,
    line: Slug,
    station: Slug,
    /** Identity, outbox, releases. One agent at a time. */
    dataDir: Path,
    /** Needed once: the claim itself, or the path of its file. */
    claim: Type.Optional(Type.Union([Path, Claim])),
    camera: CameraConfig,
    geometry: Geometry,
    gate: GateConfig,
    healthIntervalS: Type.Number({ minimum: 1, maximum: 3_600, default: 10 }),
    outboxLimitBytes: Type.Integer({ minimum: 65_536, maximum: 2 ** 40, default: 64 * 2 ** 20 }),
    sampling: SamplingConfig,
    update: UpdateConfig,
    probation: ProbationConfig,
    statistics: StatisticsConfig,
    operatorPage: Type.Optional(OperatorPageConfig),
    logLevel: Type.Enum([...logLevels], { default: 'info' }),
    board: Type.String({ minLength: 1, maxLength: 80, default: 'unknown' }),
  },
  strict,
);
export type StationConfig = Static<typeof StationConfig>;
