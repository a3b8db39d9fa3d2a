import { type Static, Type } from '@pomona/schema';
import { Digest, Instant } from './ids.ts';
import { Nullable } from './nullable.ts';
import { Standardise } from './standardise.ts';

const Share = Type.Number({ minimum: 0, maximum: 1 });
const Luma = Type.Number({ minimum: 0, maximum: 255 });
const Figure = Type.Number({ minimum: 0 });

/** What a photograph is like. Of the fruit's cut-out at 96 × 96 where nothing else is said, so that all are measured alike. */
export const ImageFigures = Type.Object({
  /** The shorter side of the file, pixels. */
  sidePx: Type.Integer({ minimum: 0 }),
  /** How far to trust the fruit's outline. */
  score: Share,
  /** Share of the picture that is inside the outline. */
  fill: Share,
  /** Variance of luma's Laplacian: what is out of focus or moved has little. */
  sharpness: Figure,
  /** Mean of 0.30 R + 0.59 G + 0.11 B. */
  luma: Luma,
  /** From the 5th to the 95th percentile of luma. */
  lumaRange: Luma,
  /** Share of pixels with a luma of 250 or more. */
  highlights: Share,
  /** Share of pixels with a luma of 5 or less. */
  shadows: Share,
  /** How far the light's colour is from white, by shades of grey over the whole picture. */
  castDegrees: Type.Number({ minimum: 0, maximum: 90 }),
});
export type ImageFigures = Static<typeof ImageFigures>;

/** What a photograph must be like to be taken into a dataset. What is not given has its default. */
export const ImageLimits = Type.Partial(
  Type.Object({
    minSidePx: Type.Integer({ minimum: 16, maximum: 10_000 }),
    minScore: Share,
    minFill: Share,
    minSharpness: Figure,
    minLuma: Luma,
    maxLuma: Luma,
    minLumaRange: Luma,
    maxHighlights: Share,
    maxShadows: Share,
    maxCastDegrees: Type.Number({ minimum: 0, maximum: 90 }),
    /** Two cut-outs are near duplicates when so few of the 64 bits of their difference hashes differ … */
    maxTwinBits: Type.Integer({ minimum: 0, maximum: 12 }),
    /** … and the finer detail of their skins correlates by so much. */
    minTwinCorrelation: Share,
  }),
  { additionalProperties: false },
);
export type ImageLimits = Static<typeof ImageLimits>;

const Text = Type.String({ minLength: 1, maxLength: 200 });

/** Where a photograph comes from, as far as somebody said so; `capturedAt` also as far as the camera did. */
export const Provenance = Type.Partial(
  Type.Object({
    source: Text,
    station: Text,
    /** `SITE/LINE` where a station took it; of a photograph whatever somebody calls it. */
    line: Text,
    variety: Text,
    /** Of the orchard. */
    block: Text,
    lot: Text,
    capturedAt: Instant,
  }),
);
export type Provenance = Static<typeof Provenance>;

/** Who said what grade it is, and when. */
export const Labelled = Type.Object({ by: Text, at: Instant });
export type Labelled = Static<typeof Labelled>;

/** A photograph that a dataset version does not hold, and why. */
export const QuarantinedImage = Type.Object({
  path: Type.String(),
  reason: Type.String(),
  /** What was measured, and the limit that it is beyond; not there where the file is no picture at all. */
  figure: Type.Optional(Type.String()),
  value: Type.Optional(Type.Number()),
  limit: Type.Optional(Type.Number()),
  /** SHA-256 of the photograph, which is kept as a blob; not there where it could not be read or cut out. */
  original: Type.Optional(Digest),
  grade: Type.Optional(Type.String()),
  group: Type.Optional(Type.String()),
  /** What was said of it when it was imported, for whoever accepts it. */
  about: Type.Optional(Provenance),
  labelled: Type.Optional(Labelled),
});
export type QuarantinedImage = Static<typeof QuarantinedImage>;

/** That a person took a photograph in spite of a limit. */
export const Acceptance = Type.Object({
  by: Type.String(),
  at: Instant,
  /** What they said. */
  why: Type.String(),
  /** Why it was in quarantine. */
  reason: Type.String(),
});
export type Acceptance = Static<typeof Acceptance>;

/** `pomona dataset verify`: one photograph held against the limits. */
export const VerifiedImage = Type.Object({
  ...QuarantinedImage.properties,
  reason: Type.Optional(Type.String()),
  verdict: Type.Enum(['usable', 'accepted', 'quarantined']),
  /** Not there where no fruit could be measured. */
  figures: Type.Optional(ImageFigures),
  /** Another photograph that shows all but the same. */
  twinOf: Type.Optional(Type.String()),
});
export type VerifiedImage = Static<typeof VerifiedImage>;

/** `POST /v1/datasets/:name/:digest/accept` */
export const AcceptRequest = Type.Object(
  {
    paths: Type.Array(Type.String({ maxLength: 1_000 }), { minItems: 1, maxItems: 200 }),
    why: Type.String({ minLength: 3, maxLength: 500 }),
  },
  { additionalProperties: false },
);
export type AcceptRequest = Static<typeof AcceptRequest>;

/** `POST /v1/datasets/:name/uploads?…` with a ZIP file as the body. */
export const UploadQuery = Type.Object(
  {
    /** The file's name, for people. */
    file: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    /** Best first, separated by commas; `good,ok,bad` unless given. */
    grades: Type.Optional(
      Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,39}(,[a-z0-9][a-z0-9-]{0,39}){0,19}$' }),
    ),
    /** Side of the model’s input; 64 unless given. */
    size: Type.Optional(Type.Integer({ minimum: 16, maximum: 512 })),
    /** Fixes the split; 1 unless given. */
    seed: Type.Optional(Type.Integer({ minimum: 0, maximum: 2 ** 31 })),
    /** What is done to the colours of its crops; nothing unless given. */
    ...Standardise.properties,
    /** Nobody graded them yet: they wait for labels, and become a version by `POST /v1/datasets/:name/freeze`. */
    unsorted: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);
export type UploadQuery = Static<typeof UploadQuery>;

export interface UploadRequest {
  readonly name: string;
  readonly file: string;
  readonly grades: readonly string[];
  readonly size: number;
  readonly seed: number;
  readonly standardise?: Standardise;
  readonly isUnsorted: boolean;
}

const ImageName = Type.Object({
  path: Type.String(),
  digest: Digest,
  grade: Type.String(),
  split: Type.String(),
});
const ChangedImage = Type.Object({ ...ImageName.properties, from: Type.String(), to: Type.String() });
const VersionName = Type.Object({ name: Type.String(), digest: Digest });
const pair = <T extends Parameters<typeof Type.Array>[0]>(of: T) => Type.Object({ from: of, to: of });

/** `pomona dataset diff`: images are the same when their crops are. */
export const DatasetDiff = Type.Object({
  from: VersionName,
  to: VersionName,
  images: pair(Type.Integer({ minimum: 0 })),
  labels: pair(Type.Array(Type.String())),
  inputSize: pair(Type.Integer({ minimum: 8 })),
  /** Null where colours are as the camera gave them. */
  standardise: pair(Nullable(Standardise)),
  quarantined: pair(Type.Integer({ minimum: 0 })),
  added: Type.Array(ImageName),
  removed: Type.Array(ImageName),
  /** With another grade, in another split, of another group than before. */
  regraded: Type.Array(ChangedImage),
  moved: Type.Array(ChangedImage),
  regrouped: Type.Array(ChangedImage),
});
export type DatasetDiff = Static<typeof DatasetDiff>;
