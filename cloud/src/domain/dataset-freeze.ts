import { counted, type DatasetView, type Standardise } from '@pomona/wire';
import { type DatasetFile, type DatasetImage, datasetDigestOf } from './dataset.ts';
import { countImages } from './dataset-counts.ts';
import { datasetError } from './dataset-errors.ts';
import { splitByGroup } from './dataset-split.ts';
import { DisjointSets } from './disjoint-sets.ts';
import { type EarlierSplits, keepSplits, testedAndLearned } from './earlier-splits.ts';

const setsNamed = 4;

export type UnsplitImage = Omit<DatasetImage, 'split'>;

export interface DatasetContent {
  readonly name: string;
  readonly source: string;
  /** What was asked for; labels that no image has are dropped, and that is noted. */
  readonly labels: readonly string[];
  readonly inputSize: number;
  readonly standardise?: Standardise | undefined;
  readonly images: readonly UnsplitImage[];
  /** A number per image: near duplicates have the same, and are never in two splits. */
  readonly looks?: readonly number[];
  readonly verified?: DatasetView['verified'];
  readonly defectCells?: number;
  readonly quarantined: DatasetView['quarantined'];
  /** Grades that were found and not asked for. */
  readonly leftOut: ReadonlyMap<string, number>;
  /** Photographs that lay there and that nobody named. */
  readonly unlisted?: number;
  readonly notes: readonly string[];
  /** Where the groups were before; those that were nowhere are drawn by `seed`. */
  readonly earlier?: EarlierSplits | undefined;
  readonly seed: number;
  readonly createdAtMs: number;
}

/** Splits the images and names the version by its content. Throws `dataset-empty` or `dataset-one-class`. */
export function freezeDataset(content: DatasetContent): DatasetFile {
  const { name, source, inputSize, images } = content;
  const standardise = content.standardise === undefined ? {} : { standardise: content.standardise };
  const labels = content.labels.filter((label) => images.some((image) => image.grade === label));
  checkClasses(content, labels);
  const absent = content.labels.filter((label) => !labels.includes(label));
  const together = uniteGroups(images, content.looks);
  const united = images.map(({ grade, group }) => ({ grade, group: together.get(group)! }));
  const kept = keepSplits(images, together, content.earlier);
  const { splitOf: splitOfSet, notes } = splitByGroup(united, labels, content.seed, kept.ofSet);
  const splitOf = new Map([...together].map(([group, set]) => [group, splitOfSet.get(set)!]));
  const placed = images.map((image) => ({ ...image, split: splitOf.get(image.group)! }));
  const accepted = acceptedOf(placed);
  return {
    name,
    digest: datasetDigestOf({ labels, inputSize, ...standardise, images: placed }),
    createdAt: new Date(content.createdAtMs).toISOString(),
    source,
    labels,
    inputSize,
    ...standardise,
    images: placed,
    ...(content.defectCells === undefined ? {} : { defectCells: content.defectCells }),
    ...countImages(labels, placed),
    viewsPerFruit: viewsPerFruitOf(images),
    quarantined: [...content.quarantined],
    ...(accepted.length === 0 ? {} : { accepted }),
    ...(content.verified === undefined ? {} : { verified: content.verified }),
    leftOut: [...content.leftOut].sort().map(([grade, count]) => ({ grade, count })),
    ...(kept.told === undefined ? {} : { keptSplit: kept.told }),
    notes: [
      ...absent.map((label) => `there is no image of ${label}: the dataset does not have that label`),
      ...unlistedNotes(content.unlisted),
      ...content.notes,
      ...unitedNotes(together),
      ...kept.notes,
      ...testedAndLearned(placed, content.earlier),
      ...notes,
    ],
  };
}

/** The photographs that somebody took in spite of a limit, for the view of a version. */
export function acceptedOf(images: readonly DatasetImage[]): NonNullable<DatasetView['accepted']> {
  return images.flatMap(({ source: path, accepted }) => (accepted ? [{ path, ...accepted }] : []));
}

/** Of each group the name of the set that it is split with: the first group of those that share a near duplicate. */
export function uniteGroups(
  images: readonly Pick<UnsplitImage, 'group'>[],
  looks: readonly number[] = [],
): Map<string, string> {
  const names = [...new Set(images.map(({ group }) => group))].sort();
  const places = new Map(names.map((name, at) => [name, at]));
  const sets = new DisjointSets(names.length);
  const firstOf = new Map<number, number>();
  looks.forEach((look, i) => {
    const place = places.get(images[i]!.group)!;
    const first = firstOf.get(look);
    if (first === undefined) firstOf.set(look, place);
    else sets.join(first, place);
  });
  return new Map(names.map((name, at) => [name, names[sets.rootOf(at)]!]));
}

/** What nobody named is not taken, and must not be missing without a word. */
export function unlistedNotes(unlisted = 0): string[] {
  if (unlisted === 0) return [];
  const photographs = counted(unlisted, 'photograph');
  return [`not taken: ${photographs} in the folder that neither its index.csv nor a folder of a grade names`];
}

function unitedNotes(together: ReadonlyMap<string, string>): string[] {
  const sets = new Map<string, string[]>();
  for (const [group, set] of together) sets.set(set, [...(sets.get(set) ?? []), group]);
  const shared = [...sets.values()].filter((groups) => groups.length > 1);
  if (shared.length === 0) return [];
  const named = shared.slice(0, setsNamed).map((groups) => groups.slice(0, setsNamed).join(' + '));
  const more = shared.length > setsNamed ? `; and ${shared.length - setsNamed} more` : '';
  return [
    `groups hold near duplicates of each other’s photographs and are never in two splits: ${named.join('; ')}${more}`,
  ];
}

function checkClasses(
  { name, labels, images, quarantined, leftOut, unlisted }: DatasetContent,
  found: readonly string[],
): void {
  const others = [...leftOut].map(([grade, count]) => `${count} of ${grade}`).join(', ');
  const context = [
    quarantined.length > 0
      ? `${quarantined.length} were quarantined (${quarantined[0]!.path}: ${quarantined[0]!.reason})`
      : '',
    others === '' ? '' : `left out: ${others}`,
    ...unlistedNotes(unlisted),
  ]
    .filter((text) => text !== '')
    .join('; ');
  const asked = `asked for ${labels.join(', ')}${context === '' ? '' : `; ${context}`}`;
  const isKept = quarantined.some(({ original }) => original !== undefined);
  const hint =
    leftOut.size > 0
      ? hintOfLeftOut([...found, ...leftOut.keys()])
      : isKept
        ? hintOfQuarantine(name)
        : undefined;
  if (images.length === 0)
    throw datasetError('dataset-empty', `no image can be used; ${asked}`, undefined, hint);
  if (found.length === 1)
    throw datasetError(
      'dataset-one-class',
      `every image (${images.length}) is of the grade ${found[0]}; ${asked}`,
      undefined,
      hint,
    );
}

/** Its folders have other names than the grades that were asked for. */
function hintOfLeftOut(grades: readonly string[]): string {
  return `Its folders or its index.csv name ${grades.join(',')}: ask for those of them that are grades, best first (--grades, or the field Grades on the page Datasets), or give the folders the names of the grades.`;
}

/** There is no version to accept into, but the photographs are kept all the same. */
function hintOfQuarantine(name: string): string {
  return (
    `The photographs are kept: \`pomona dataset verify\` shows what is wrong with them, \`pomona dataset accept ${name} PATH --why REASON\` takes some and makes a version, as does ` +
    `grading them on the page Labelling under Quarantined and then \`pomona dataset freeze ${name} --photographs\`; the limits are \`imageLimits\` of \`pomona project set\`.`
  );
}

/** More than 1 only where every group is one fruit, seen equally often, its views one after the other. */
export function viewsPerFruitOf(images: readonly UnsplitImage[]): number {
  const views = images.findIndex((image) => image.group !== images[0]!.group);
  if (views <= 1 || images.length % views !== 0) return 1;
  const seen = new Set<string>();
  for (let first = 0; first < images.length; first += views) {
    const { group, grade } = images[first]!;
    if (seen.has(group)) return 1;
    seen.add(group);
    for (let i = first; i < first + views; i++)
      if (images[i]!.group !== group || images[i]!.grade !== grade) return 1;
  }
  return views;
}
