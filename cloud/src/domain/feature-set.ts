/**
 * What there is in the feature store. A set's figures never change under its name and version: whoever changes how a
 * column is computed, its unit or the list makes a new version, and `feature-set.test.ts` holds the old one to its figures.
 */
import { type CountedStatistic, driftStatisticTable } from '@pomona/grading';
import { AppError, type FeatureColumn, type FeatureSetView } from '@pomona/wire';

export interface FeatureSet extends FeatureSetView {
  readonly name: 'view' | 'group' | 'fruit' | 'window' | 'embedding';
}

const of255 = 'sRGB 0..255';
const share = 'share 0..1';
const degrees = 'degrees −180..180';
const medianUnits: Readonly<Record<CountedStatistic, string>> = {
  ...{ luma: of255, red: of255, green: of255, blue: of255, saturation: share, hue: degrees },
  ...{ sharpness: 'luma²', clipped: share, size: 'mm', topProbability: share, entropy: 'nats' },
};

const firstViewSet = {
  name: 'view',
  set: 'view@1',
  source: 'dataset',
  about: 'A picture of a dataset version: of the pixels inside the fruit’s mask, whatever its grade.',
  keys: ['digest', 'grade', 'group', 'split'],
  columns: [
    column('luma', of255, 'mean of 0.30 R + 0.59 G + 0.11 B'),
    column('red', of255, 'mean'),
    column('green', of255, 'mean'),
    column('blue', of255, 'mean'),
    column('saturation', share, 'mean of (max − min) / max of a pixel’s channels'),
    column('hue', degrees, 'of the mean colour: 0 is red, 60 yellow, 120 green'),
    column('sharpness', 'luma²', 'variance of luma’s Laplacian over pixels whose neighbours are all inside'),
    column('clipped', share, 'of the pixels of which a channel is at 0 or at 255'),
    column('coverage', share, 'of the picture that is fruit'),
  ],
} as const satisfies FeatureSet;

/** Its columns begin with those of `view@1`, so that what is kept of a version answers both. */
export const viewSet = {
  ...firstViewSet,
  set: 'view@2',
  columns: [
    ...firstViewSet.columns,
    column('contrast', of255, 'standard deviation of luma'),
    column('lumaSkewness', 'third moment / deviation³', 'of luma: below 0 where few pixels are dark'),
    column('saturationDeviation', share, 'standard deviation of the pixels’ saturation'),
    column('saturationSkewness', 'third moment / deviation³', 'of the pixels’ saturation'),
    column('redShare', share, 'of the pixels with a saturation of 0.25 or more and a hue from −40 to 20'),
    column('roundness', share, 'short over long axis of the ellipse with the mask’s second moments'),
  ],
} as const satisfies FeatureSet;

const firstGroupSet = {
  name: 'group',
  set: 'group@1',
  source: 'dataset',
  about:
    'What belongs together in a dataset version: a fruit seen several times, or a session of photographs.',
  keys: ['group', 'grade', 'split'],
  columns: [
    column('images', 'count', 'its pictures'),
    ...firstViewSet.columns.map(({ name, unit }) =>
      column(name, unit, `mean of ${firstViewSet.set} over its pictures`),
    ),
  ],
} as const satisfies FeatureSet;

const groupSet = {
  ...firstGroupSet,
  set: 'group@2',
  columns: [
    column('images', 'count', 'its pictures'),
    ...viewSet.columns.map(({ name, unit }) =>
      column(name, unit, `mean of ${viewSet.set} over its pictures`),
    ),
  ],
} as const satisfies FeatureSet;

const firstFruitSet = {
  name: 'fruit',
  set: 'fruit@1',
  source: 'station',
  about: 'A fruit as it was graded: by the release that ran then, with nothing that became known later.',
  keys: [
    ...['station', 'boot', 'seq', 'at', 'receivedAt', 'release', 'releaseDigest', 'recipeVersion'],
    ...['lane', 'grade', 'outcome', 'predicted'],
  ],
  columns: [
    column('luma', of255, '0.30 R + 0.59 G + 0.11 B of the mean colour'),
    column('red', of255, 'mean over the fruit’s views'),
    column('green', of255, 'mean over the fruit’s views'),
    column('blue', of255, 'mean over the fruit’s views'),
    column('saturation', share, '(max − min) / max of the mean colour'),
    column('hue', degrees, 'of the mean colour: 0 is red, 60 yellow, 120 green'),
    column('diameterMm', 'mm', 'as it was measured on the belt'),
    column('views', 'count', 'pictures in which it was seen'),
    column('topProbability', share, 'of the likeliest grade; none without a view'),
    column('margin', share, 'the likeliest grade’s probability less the second’s'),
    column('entropy', 'nats', 'of the probabilities; 0 where the model is certain'),
    column('latencyMs', 'ms', 'from the capture of the last view to the decision'),
  ],
} as const satisfies FeatureSet;

const secondFruitSet = {
  ...firstFruitSet,
  set: 'fruit@2',
  columns: [
    ...firstFruitSet.columns,
    column('redShare', share, 'of its skin with a hue from −40 to 20; none where the agent counts no hues'),
    column('roundness', share, 'shorter over longer axis, mean of its views; none where not measured'),
    column('defectShare', share, 'of the skin that was seen; none without a map of defects'),
  ],
} as const satisfies FeatureSet;

const fruitSet = {
  ...secondFruitSet,
  set: 'fruit@3',
  columns: [
    ...secondFruitSet.columns,
    column(
      'contrast',
      of255,
      'standard deviation of luma, mean of two of its views; none where not measured',
    ),
    column('sharpness', 'luma²', 'variance of luma’s Laplacian in the same views'),
  ],
} as const satisfies FeatureSet;

const windowSet = {
  name: 'window',
  set: 'window@1',
  source: 'station',
  about: 'A station’s fruit over some hundred in a row of one release, counted on the station.',
  keys: ['station', 'boot', 'seq', 'from', 'to', 'receivedAt', 'release', 'releaseDigest'],
  columns: [
    column('fruits', 'count', 'that were seen at least once'),
    column('views', 'count', 'pictures that were looked at'),
    ...driftStatisticTable.map(({ name }) =>
      column(`${name}Median`, medianUnits[name], 'median over the fruits, by a straight line inside its bin'),
    ),
    column('estimatedAccuracy', share, 'mean probability of what was predicted'),
    column('beltRed', of255, 'mean of the empty belt; none where the station does not know its belt'),
    column('beltGreen', of255, 'as beltRed'),
    column('beltBlue', of255, 'as beltRed'),
  ],
} as const satisfies FeatureSet;

export type FeatureType = 'text' | 'integer' | 'instant' | 'number';

const keyTypes: Readonly<Record<string, FeatureType>> = {
  ...{ seq: 'integer', recipeVersion: 'integer', lane: 'integer' },
  ...{ at: 'instant', receivedAt: 'instant', from: 'instant', to: 'instant', labelledAt: 'instant' },
};

/** Keys and columns of a set in the order of a file, and what kind of value each has. */
export function typedColumns({ keys, columns }: FeatureSet): { name: string; type: FeatureType }[] {
  return [
    ...keys.map((name) => ({ name, type: keyTypes[name] ?? 'text' })),
    ...columns.map(({ name, unit }) => ({
      name,
      type: unit === 'count' ? ('integer' as const) : ('number' as const),
    })),
  ];
}

export const featureSets: readonly FeatureSet[] = [
  ...[firstViewSet, firstGroupSet, firstFruitSet, windowSet],
  ...[viewSet, groupSet, secondFruitSet, fruitSet],
];

/** By `NAME`, which is its newest version, or `NAME@VERSION`; all but embeddings, which need a model. Error: `feature-set-unknown`. */
export function findFeatureSet(reference: string): FeatureSet {
  const found = featureSets.findLast(({ name, set }) => reference === name || reference === set);
  if (found) return found;
  throw new AppError('feature-set-unknown', `there is no feature set ${reference}`, {
    hint: `There are ${featureSets.map(({ set }) => set).join(', ')}, and the embedding of each model: see pomona features list.`,
  });
}

function column<N extends string>(
  name: N,
  unit: string,
  about: string,
): FeatureColumn & { readonly name: N } {
  return { name, unit, about };
}
