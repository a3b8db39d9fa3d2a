import { type Static, Type } from '@pomona/schema';
import { Digest, Slug } from './ids.ts';
import { FeatureImportance } from './rest-features.ts';

const Count = Type.Integer({ minimum: 0 });
/** Least, lower quartile, median, upper quartile, most. */
const Spread = Type.Tuple([Type.Number(), Type.Number(), Type.Number(), Type.Number(), Type.Number()]);
const ByGrade = Type.Array(Type.Object({ grade: Type.String(), count: Count }));

const ReportedImage = Type.Object({
  digest: Digest,
  source: Type.String(),
  grade: Type.String(),
  group: Type.String(),
  split: Type.String(),
});

/** `GET /v1/datasets/:name/:digest/report.json`: all figures of the page about a dataset version. */
export const DatasetReport = Type.Object({
  dataset: Type.Object({ name: Slug, digest: Digest }),
  source: Type.String(),
  notes: Type.Array(Type.String()),
  labels: Type.Array(Type.String()),
  inputSize: Count,
  images: Count,
  groups: Count,
  balance: Type.Array(Type.Object({ split: Type.String(), images: Count, groups: Count, byGrade: ByGrade })),
  /** The feature set that the figures below are of. */
  set: Type.String(),
  features: Type.Array(
    Type.Object({
      name: Type.String(),
      unit: Type.String(),
      /** What the histograms reach over; 1 in 200 is below and above, and counts in the outermost bins. */
      low: Type.Number(),
      high: Type.Number(),
      byGrade: Type.Array(
        Type.Object({
          grade: Type.String(),
          images: Count,
          spread: Spread,
          /** Images per bin, of equal widths from `low` to `high`. */
          histogram: Type.Array(Count),
        }),
      ),
    }),
  ),
  /** By group, and by what is known of images beside it where two values or more occur; the largest values first. */
  distributions: Type.Array(
    Type.Object({
      by: Type.String(),
      /** How many there are; `shown` has the largest. */
      values: Count,
      shown: Type.Array(
        Type.Object({
          value: Type.String(),
          images: Count,
          byGrade: ByGrade,
          /** In the order of `features`. */
          spreads: Type.Array(Spread),
        }),
      ),
      /** Images of which nobody said. */
      unknown: Count,
    }),
  ),
  /** Pearson, [feature][feature] in the order of `features`. */
  correlation: Type.Array(Type.Array(Type.Number())),
  importance: Type.Omit(FeatureImportance, ['dataset', 'set']),
  /** Furthest from their grade's median, in robust deviations. */
  outliers: Type.Array(Type.Object({ image: ReportedImage, feature: Type.String(), z: Type.Number() })),
  /** Pairs of different groups, among `looked` images, that show all but the same: the detail of their skins correlates by so much. */
  duplicates: Type.Array(Type.Object({ a: ReportedImage, b: ReportedImage, correlation: Type.Number() })),
  looked: Count,
});
export type DatasetReport = Static<typeof DatasetReport>;
