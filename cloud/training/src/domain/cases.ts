import { counted } from '@pomona/wire';
import type { Dataset, Split } from './dataset.ts';
import { trainingError } from './errors.ts';

/** What is decided at once: an image, or a fruit with all its views. */
export interface Case {
  /** Positions in the dataset, in order. */
  readonly images: readonly number[];
  /** Position in the dataset's labels. */
  readonly label: number;
  readonly group: string;
}

/** The cases of a split. With `views` above 1, every group is a fruit of at least that many images in a row. */
export function casesOf(dataset: Dataset, split: Split, views: number): Case[] {
  const cases: Case[] = [];
  const groups = new Set<string>();
  const { images, labels } = dataset;
  for (let from = 0; from < images.length; ) {
    const { group, grade, split: found } = images[from]!;
    let to = from + 1;
    if (views > 1) while (to < images.length && images[to]!.group === group) to++;
    if (found === split) {
      if (views > 1) checkFruit(dataset, from, to, groups, views);
      const positions = Array.from({ length: to - from }, (_, at) => from + at);
      cases.push({ images: positions, label: labels.indexOf(grade), group });
    }
    from = to;
  }
  return cases;
}

function checkFruit({ images }: Dataset, from: number, to: number, seen: Set<string>, views: number): void {
  const { group, grade, split } = images[from]!;
  if (seen.has(group)) throw trainingError('uneven-views', `the images of fruit "${group}" are not in a row`);
  seen.add(group);
  if (to - from < views) {
    throw trainingError(
      'uneven-views',
      `fruit "${group}" has ${counted(to - from, 'image')}; ${views} views were asked for`,
    );
  }
  for (let at = from; at < to; at++) {
    if (images[at]!.grade !== grade || images[at]!.split !== split) {
      throw trainingError('dataset-malformed', `the images of fruit "${group}" differ in grade or split`);
    }
  }
}

/** Throws when training on these cases makes no sense. */
export function checkCases(train: readonly Case[], validation: readonly Case[], test: readonly Case[]): void {
  for (const [split, cases] of Object.entries({ train, validation, test })) {
    if (cases.length === 0) throw trainingError('split-empty', `the ${split} split has no images`);
  }
  if (new Set(train.map(({ label }) => label)).size < 2) {
    throw trainingError('single-class', 'the train split has images of one grade only');
  }
}
