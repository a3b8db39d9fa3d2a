import { type Static, Type } from '@pomona/schema';
import { ReleaseRef } from './envelope.ts';
import { BootId, Instant, Slug } from './ids.ts';
import { Nullable } from './nullable.ts';
import { DriftWindow } from './payloads.ts';

const Count = Type.Integer({ minimum: 0 });
const Figure = Nullable(Type.Number());

export const driftKinds = ['camera', 'population', 'model'] as const;
export type DriftKind = (typeof driftKinds)[number];
const Kind = Type.Enum([...driftKinds]);

/** One statistic of a window, held against the baseline of its station. Null within the baseline itself. */
export const DriftFigure = Type.Object({
  name: Type.String(),
  /** Fruits per bin; the bins are those of the station's baseline. */
  counts: Type.Array(Count),
  psi: Figure,
  /** In bits, 0..1. */
  jensenShannon: Figure,
  /** PSI that unchanged windows stay below. */
  limit: Figure,
  beyond: Type.Boolean(),
});
export type DriftFigure = Static<typeof DriftFigure>;

/** A single number of a window, and what it should be. */
export const DriftExpectation = Type.Object({
  value: Figure,
  expected: Figure,
  /** It may be so far away. */
  within: Figure,
  beyond: Type.Boolean(),
});
export type DriftExpectation = Static<typeof DriftExpectation>;

export const DriftWindowView = Type.Object({
  boot: BootId,
  seq: Count,
  from: Instant,
  to: Instant,
  receivedAt: Instant,
  fruits: Count,
  views: Count,
  /** `beyond`: a statistic is beyond its limit; `drift`: for so long, or so far, that it is one. */
  verdict: Type.Enum(['baseline', 'normal', 'beyond', 'drift']),
  kind: Nullable(Kind),
  statistics: Type.Array(DriftFigure),
  /** What the model thinks its accuracy is, and what it would be with the baseline's mix of predictions. */
  estimatedAccuracy: Figure,
  accuracyAtBaselineMix: DriftExpectation,
  /** Mean colour of the belt, sRGB 0..255: light and lens change it, and no fruit does. */
  belt: Type.Object({ red: DriftExpectation, green: DriftExpectation, blue: DriftExpectation }),
  /** Largest share of fruit that is unlike any of the baseline; 0..1. */
  unknownShare: Figure,
  grades: DriftWindow.properties.grades,
  confidence: DriftWindow.properties.confidence,
});
export type DriftWindowView = Static<typeof DriftWindowView>;

const station = {
  station: Slug,
  /** Whose windows these are: what the newest was counted with. Null before the first. */
  release: Nullable(ReleaseRef),
  baseline: Type.Object({ windows: Count, needed: Count, complete: Type.Boolean() }),
  /** Of this release at this station, kept. */
  windowCount: Count,
  /** What is wrong now. */
  kind: Nullable(Kind),
};

/** How a station's fruit is doing. */
export const DriftSummary = Type.Object({ ...station, newest: Nullable(DriftWindowView) });
export type DriftSummary = Static<typeof DriftSummary>;

export const DriftDetail = Type.Object({
  ...station,
  /** Of each statistic: the inner edges of its bins (none where bins are grades), and the baseline's counts once complete. */
  bins: Type.Array(
    Type.Object({
      name: Type.String(),
      edges: Type.Array(Type.Number()),
      grades: Type.Array(Type.String()),
      baseline: Type.Array(Count),
    }),
  ),
  /** Oldest first. */
  windows: Type.Array(DriftWindowView),
});
export type DriftDetail = Static<typeof DriftDetail>;

export const DriftQuery = Type.Object({
  /** So many of the newest; 100 unless named. */
  windows: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
});
