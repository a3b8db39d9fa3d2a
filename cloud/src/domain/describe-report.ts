/** The figures of the page about a dataset version, as data. */
import type { DatasetReport, FeatureColumn } from '@pomona/wire';
import { type DatasetFile, type DatasetImage, splits } from './dataset.ts';
import { columnOf, type Exploration } from './explore-dataset.ts';
import { viewSet } from './feature-set.ts';
import type { PermutationImportance } from './permutation-importance.ts';

type Distribution = DatasetReport['distributions'][number];
type Spread = Distribution['shown'][number]['spreads'][number];

const bins = 24;
const shownMax = 12;
const columns: readonly FeatureColumn[] = viewSet.columns;

const attributes: readonly (readonly [by: string, of: (image: DatasetImage) => string | undefined])[] = [
  ['group', ({ group }) => group],
  ['variety', ({ about }) => about?.variety],
  ['station', ({ about }) => about?.station],
  ['line', ({ about }) => about?.line],
  ['lot', ({ about }) => about?.lot],
  ['block', ({ about }) => about?.block],
];

/** `rows` float32 [images, columns of `view@2`]. */
export function describeReport(file: DatasetFile, rows: Float32Array, found: Exploration): DatasetReport {
  const { name, digest, source, notes, labels, inputSize, images, groups } = file;
  const figures = columns.map((_, f) => columnOf({ rows, features: columns.length }, f));
  const imageAt = (at: number) => {
    const { digest, source, grade, group, split } = images[at]!;
    return { digest, source, grade, group, split };
  };
  return {
    ...{ dataset: { name, digest }, source, notes, labels, inputSize, images: images.length, groups },
    balance: splits.map((split) => {
      const members = images.filter((image) => image.split === split);
      const groups = new Set(members.map(({ group }) => group)).size;
      return { split, images: members.length, groups, byGrade: gradesOf(members, labels) };
    }),
    set: viewSet.set,
    features: columns.map(({ name, unit }, f) => ({ name, unit, ...histograms(figures[f]!, file) })),
    distributions: attributes
      .map(([by, of]) => distributionOf(by, images.map(of), figures, file))
      .filter(({ values }) => values > 1),
    correlation: found.correlation.map((row) => [...row]),
    importance: importanceOf(found.importance),
    outliers: found.outliers.map(({ image, feature, z }) => ({
      ...{ image: imageAt(image), feature: columns[feature]!.name, z },
    })),
    duplicates: found.duplicates.map(({ a, b, correlation }) => ({
      ...{ a: imageAt(a), b: imageAt(b), correlation },
    })),
    looked: found.looked,
  };
}

function importanceOf({ features, ...figures }: PermutationImportance): DatasetReport['importance'] {
  return {
    ...figures,
    features: features
      .map(({ isIdle, ...loss }, f) => ({ name: columns[f]!.name, ...loss, candidateToDrop: isIdle }))
      .sort((a, b) => b.mean - a.mean),
  };
}

function histograms(
  column: readonly number[],
  { images, labels }: DatasetFile,
): Pick<DatasetReport['features'][number], 'low' | 'high' | 'byGrade'> {
  const sorted = column.toSorted((a, b) => a - b);
  const low = sorted[Math.floor(sorted.length * 0.005)]!;
  const high = sorted[Math.ceil(sorted.length * 0.995) - 1]!;
  const binOf = (value: number) =>
    Math.max(0, Math.min(bins - 1, Math.floor(((value - low) / (high - low || 1)) * bins)));
  const byGrade = labels.map((grade) => {
    const values = column.filter((_, i) => images[i]!.grade === grade);
    const histogram = new Array<number>(bins).fill(0);
    for (const value of values) histogram[binOf(value)]! += 1;
    return { grade, images: values.length, spread: spreadOf(values), histogram };
  });
  return { low, high, byGrade };
}

function distributionOf(
  by: string,
  values: readonly (string | undefined)[],
  figures: readonly (readonly number[])[],
  { images, labels }: DatasetFile,
): Distribution {
  const members = new Map<string, number[]>();
  values.forEach((value, at) => {
    if (value === undefined) return;
    const places = members.get(value) ?? [];
    places.push(at);
    members.set(value, places);
  });
  const largest = [...members].sort((a, b) => b[1].length - a[1].length || (a[0] < b[0] ? -1 : 1));
  return {
    ...{ by, values: members.size, unknown: values.filter((value) => value === undefined).length },
    shown: largest.slice(0, shownMax).map(([value, places]) => ({
      ...{ value, images: places.length },
      byGrade: gradesOf(
        places.map((at) => images[at]!),
        labels,
      ),
      spreads: figures.map((column) => spreadOf(places.map((at) => column[at]!))),
    })),
  };
}

function gradesOf(images: readonly Pick<DatasetImage, 'grade'>[], labels: readonly string[]) {
  return labels.map((grade) => ({ grade, count: images.filter((image) => image.grade === grade).length }));
}

/** Quantiles by a straight line between the two values beside each. */
function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const quantile = (share: number): number => {
    const at = share * (sorted.length - 1);
    const below = sorted[Math.floor(at)]!;
    return below + (sorted[Math.ceil(at)]! - below) * (at - Math.floor(at));
  };
  return [quantile(0), quantile(0.25), quantile(0.5), quantile(0.75), quantile(1)];
}
