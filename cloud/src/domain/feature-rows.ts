/** The figures of a feature set, computed of what is stored. Pure: the same record gives the same row for ever. */
import { type CountedStatistic, driftStatisticTable, entropyOf, hueOf, viewFeatures } from '@pomona/grading';
import {
  type DriftWindow,
  type FeatureRow,
  type FruitRecord,
  hueFrom,
  hueStep,
  type ReleaseRef,
} from '@pomona/wire';
import type { DatasetImage } from './dataset.ts';
import { medianOf } from './drift.ts';
import { countsOf } from './drift-baseline.ts';
import { sumOf } from './drift-histograms.ts';
import { estimatedAccuracyOf } from './estimated-accuracy.ts';
import { type FeatureSet, viewSet } from './feature-set.ts';
import { pictureFigures } from './picture-figures.ts';

/** What both kinds of stored record have. `id` is in the order of arrival. */
interface Arrived {
  readonly id: number;
  readonly station: string;
  readonly receivedAt: string;
}

export interface GradedFruit extends Arrived, FruitRecord {
  readonly boot: string;
  /** That graded it, whatever the station runs now. */
  readonly release: ReleaseRef;
  readonly recipeVersion: number;
  readonly labels: readonly string[];
}

export interface ArrivedWindow extends Arrived {
  readonly window: DriftWindow;
}

/** Of a fruit's hues, those up to 20 degrees. */
const redBins = (20 - hueFrom) / hueStep;

const viewColumns = viewSet.columns.map(({ name }) => name);

/** `view@2`: float32 [images, columns] of `crops`, uint8 [images, size, size, 3]. */
export function viewRows(crops: Uint8Array, size: number): Float32Array {
  const bytes = size * size * 3;
  const count = crops.byteLength / bytes;
  const rows = new Float32Array(count * viewColumns.length);
  for (let i = 0; i < count; i++) {
    const of = { ...viewFeatures(crops, size, i * bytes), ...pictureFigures(crops, size, i * bytes) };
    viewColumns.forEach((name, f) => {
      rows[i * viewColumns.length + f] = of[name];
    });
  }
  return rows;
}

/** Of a set of pictures, the images from `from` to before `to`; `figures` are those of `viewRows`. */
export function imageRows(
  set: FeatureSet,
  images: readonly DatasetImage[],
  figures: Float32Array,
  from: number,
  to: number,
): FeatureRow[] {
  return images.slice(from, to).map(({ digest, grade, group, split }, at) => ({
    ...{ digest, grade, group, split },
    ...Object.fromEntries(
      set.columns.map(({ name }, f) => [name, figures[(from + at) * viewColumns.length + f]!]),
    ),
  }));
}

/** Of a set of groups, in the order of their first images. No grade where its pictures have several. */
export function groupRows(
  set: FeatureSet,
  images: readonly DatasetImage[],
  figures: Float32Array,
): FeatureRow[] {
  const [, ...means] = set.columns;
  const groups = new Map<string, number[]>();
  images.forEach(({ group }, at) => {
    const members = groups.get(group);
    if (members) members.push(at);
    else groups.set(group, [at]);
  });
  return [...groups].map(([group, members]) => {
    const [first, ...others] = members.map((at) => images[at]!);
    const mean = (f: number) =>
      sumOf(members.map((at) => figures[at * viewColumns.length + f]!)) / members.length;
    return {
      group,
      grade: others.every(({ grade }) => grade === first!.grade) ? first!.grade : null,
      ...{ split: first!.split, images: members.length },
      ...Object.fromEntries(means.map(({ name }, f) => [name, mean(f)])),
    };
  });
}

/** Of a set of fruit: with the columns that it has. */
export function fruitRow({ keys, columns }: FeatureSet, fruit: GradedFruit): FeatureRow {
  const row = allOf(fruit);
  return Object.fromEntries([...keys, ...columns.map(({ name }) => name)].map((name) => [name, row[name]!]));
}

function allOf(fruit: GradedFruit): FeatureRow {
  const { probabilities, labels, colour, release } = fruit;
  const [red, green, blue] = colour;
  const { hues, roundness, defectShare, contrast, sharpness } = fruit.measures ?? {};
  const [brightest, darkest] = [Math.max(...colour), Math.min(...colour)];
  const isSeen = probabilities.length > 0;
  const [top = 0, second = 0] = probabilities.toSorted((a, b) => b - a);
  return {
    ...{
      station: fruit.station,
      boot: fruit.boot,
      seq: fruit.seq,
      at: fruit.at,
      receivedAt: fruit.receivedAt,
    },
    ...nameOf(release),
    ...{ recipeVersion: fruit.recipeVersion, lane: fruit.lane, grade: fruit.grade, outcome: fruit.outcome },
    predicted: isSeen ? (labels[probabilities.indexOf(top)] ?? null) : null,
    luma: (77 * red + 150 * green + 29 * blue) / 256,
    ...{ red, green, blue },
    saturation: brightest === 0 ? 0 : (brightest - darkest) / brightest,
    hue: hueOf(red, green, blue),
    ...{ diameterMm: fruit.diameterMm, views: fruit.views },
    topProbability: isSeen ? top : null,
    margin: isSeen ? top - second : null,
    entropy: isSeen ? entropyOf(probabilities) : null,
    latencyMs: fruit.latencyMs,
    redShare: hues === undefined ? null : sumOf(hues.slice(0, redBins)) / 1_000,
    ...{ roundness: roundness ?? null, defectShare: defectShare ?? null },
    ...{ contrast: contrast ?? null, sharpness: sharpness ?? null },
  };
}

/** `window@1` */
export function windowRow({ station, receivedAt, window }: ArrivedWindow): FeatureRow {
  const { boot, seq, from, to, release, fruits, views, belt } = window;
  return {
    ...{ station, boot, seq, from, to, receivedAt },
    ...nameOf(release),
    ...{ fruits, views },
    ...Object.fromEntries(driftStatisticTable.map(({ name }) => [`${name}Median`, medianIn(window, name)])),
    estimatedAccuracy: estimatedAccuracyOf(window),
    ...{ beltRed: belt?.red ?? null, beltGreen: belt?.green ?? null, beltBlue: belt?.blue ?? null },
  };
}

function nameOf({ name, version, digest }: ReleaseRef): FeatureRow {
  return { release: `${name}@${version}`, releaseDigest: digest };
}

function medianIn(window: DriftWindow, name: CountedStatistic): number | null {
  const counts = countsOf(window, name, []);
  return sumOf(counts) === 0 ? null : medianOf(name, counts);
}
