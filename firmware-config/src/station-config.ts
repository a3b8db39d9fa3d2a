/** What an agent must know of its place before it can ask anybody: a JSON file beside it. */
import { Claim, Slug } from '@pomona/wire';
import { type Static, Type } from 'typebox';

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

/** A program that writes frames to its standard output, see the camera protocol in `@pomona/grading`. */
export const CameraConfig = Type.Object(
  {
    kind: Type.Literal('command'),
    /** Program and arguments, handed over as they are: no shell reads them. */
    command: Type.Array(Type.String({ maxLength: 4_000 }), { minItems: 1, maxItems: 200 }),
  },
  strict,
);
export type CameraConfig = Static<typeof CameraConfig>;

/** Writes what a gate would have done as one line of JSON per fruit. */
export const GateConfig = Type.Object({ kind: Type.Literal('log'), file: Path }, strict);
export type GateConfig = Static<typeof GateConfig>;

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
    logLevel: Type.Enum([...logLevels], { default: 'info' }),
    board: Type.String({ minLength: 1, maxLength: 80, default: 'unknown' }),
  },
  strict,
);
export type StationConfig = Static<typeof StationConfig>;
