import type { Standardise } from '@pomona/wire';
import { trainingError } from './errors.ts';

export const splits = ['train', 'validation', 'test'] as const;
export type Split = (typeof splits)[number];

export interface DatasetImage {
  readonly digest: string;
  readonly grade: string;
  /** Images of one group (a fruit, a session, a lot) are in one split. */
  readonly group: string;
  /** `none` takes no part. */
  readonly split: Split | 'none';
  readonly source: string;
  /** The grade that this view alone deserves, where somebody knows it. */
  readonly viewGrade?: string;
  /** Where the fruit came from, as far as somebody knows it. */
  readonly about?: ImageOrigin;
  /** The dataset has maps of defects, and nobody drew one of this image. */
  readonly mapUnknown?: boolean;
}

export type ImageOrigin = { readonly [K in (typeof originFields)[number]]?: string };

const originFields = ['variety', 'station', 'lot', 'capturedAt'] as const;

/** A frozen dataset version in memory. */
export interface Dataset {
  readonly name: string;
  readonly digest: string;
  readonly labels: readonly string[];
  readonly inputSize: number;
  /** What was done to the colours of its crops; undefined for nothing. */
  readonly standardise?: Standardise | undefined;
  /** Images per group when every group is one fruit seen that many times; else 1. */
  readonly viewsPerFruit: number;
  readonly images: readonly DatasetImage[];
  /** uint8 [images, inputSize, inputSize, 3], RGB, in the order of `images`. */
  readonly crops: Uint8Array;
  /** Where views show defects; undefined where nobody drew it. */
  readonly defects?: DefectMaps | undefined;
}

export interface DefectMaps {
  /** Cells along a side. */
  readonly cells: number;
  /** uint8 [images, cells, cells, 2]: the shares of a cell that are defect, and rot; 255 is all of it. */
  readonly maps: Uint8Array;
}

/** The content of `dataset.json`, `crops.u8` and `defects.u8`, checked against each other. Throws `dataset-malformed`. */
export function datasetOf(json: unknown, crops: Uint8Array, maps?: Uint8Array): Dataset {
  const record = json as Partial<Record<keyof Dataset, unknown>> | null;
  const name = text(record?.name, 'name');
  const digest = text(record?.digest, 'digest');
  const labels = list(record?.labels, 'labels').map((label, at) => text(label, `labels[${at}]`));
  const inputSize = whole(record?.inputSize, 'inputSize');
  const viewsPerFruit = whole(record?.viewsPerFruit, 'viewsPerFruit');
  const images = list(record?.images, 'images').map((image, at) =>
    imageOf(image, at, labels, maps !== undefined),
  );
  const expected = images.length * inputSize * inputSize * 3;
  if (crops.length !== expected) {
    malformed(
      `crops.u8 has ${crops.length} bytes; ${images.length} images of ${inputSize}×${inputSize} need ${expected}`,
    );
  }
  const defects = maps && { cells: cellsOf(json), maps };
  if (defects && maps.length !== images.length * defects.cells ** 2 * 2) {
    malformed(
      `defects.u8 has ${maps.length} bytes, not ${images.length} maps of ${defects.cells}×${defects.cells}`,
    );
  }
  // The control plane wrote it, by its schema; here it is only handed on.
  const standardise = record?.standardise as Standardise | undefined;
  return { name, digest, labels, inputSize, standardise, viewsPerFruit, images, crops, defects };
}

/** The same images in other splits, given in their order; `none` leaves an image out. Throws `splits-unsuited`. */
export function withSplits(dataset: Dataset, wanted: unknown): Dataset {
  const { images } = dataset;
  if (!Array.isArray(wanted) || wanted.length !== images.length)
    throw trainingError('splits-unsuited', `a list of ${images.length} splits is needed, one for each image`);
  const of = (at: number): Split | 'none' => {
    const split = [...splits, 'none' as const].find((each) => each === wanted[at]);
    if (split !== undefined) return split;
    throw trainingError('splits-unsuited', `split ${at} is none of ${splits.join(', ')} and none`);
  };
  return { ...dataset, images: images.map((image, at) => ({ ...image, split: of(at) })) };
}

/** Cells along a side of the maps in `defects.u8`; 0 where `dataset.json` speaks of none. */
export function cellsOf(json: unknown): number {
  const cells = (json as { defectCells?: unknown } | null)?.defectCells;
  return cells === undefined ? 0 : whole(cells, 'defectCells');
}

/** The crops of some images one after the other, uint8 [images, inputSize, inputSize, 3]; `length` adds black ones. */
export function cropsAt(dataset: Dataset, images: readonly number[], length = images.length): Uint8Array {
  const bytes = dataset.inputSize * dataset.inputSize * 3;
  const crops = new Uint8Array(length * bytes);
  images.forEach((image, at) => {
    crops.set(dataset.crops.subarray(image * bytes, (image + 1) * bytes), at * bytes);
  });
  return crops;
}

function imageOf(json: unknown, at: number, labels: readonly string[], hasMaps: boolean): DatasetImage {
  const record = json as Partial<Record<keyof DatasetImage, unknown>> | null;
  const where = `images[${at}]`;
  const grade = text(record?.grade, `${where}.grade`);
  if (!labels.includes(grade)) malformed(`${where}.grade "${grade}" is not one of ${labels.join(', ')}`);
  const split = splits.find((each) => each === record?.split);
  if (!split) malformed(`${where}.split is none of ${splits.join(', ')}`);
  const viewGrade = record?.viewGrade;
  if (viewGrade !== undefined && !labels.includes(viewGrade as string)) {
    malformed(`${where}.viewGrade "${viewGrade}" is not one of ${labels.join(', ')}`);
  }
  return {
    digest: text(record?.digest, `${where}.digest`),
    grade,
    group: text(record?.group, `${where}.group`),
    split,
    source: text(record?.source, `${where}.source`),
    ...(record?.about === undefined ? {} : { about: originOf(record.about, `${where}.about`) }),
    ...(viewGrade === undefined ? {} : { viewGrade: viewGrade as string }),
    ...(hasMaps && (json as { defects?: unknown }).defects === undefined ? { mapUnknown: true } : {}),
  };
}

function originOf(json: unknown, where: string): ImageOrigin {
  const record = json as Partial<Record<string, unknown>> | null;
  const known = originFields.filter((field) => record?.[field] !== undefined);
  return Object.fromEntries(known.map((field) => [field, text(record?.[field], `${where}.${field}`)]));
}

function text(value: unknown, where: string): string {
  if (typeof value !== 'string') malformed(`${where} is not text`);
  return value;
}

function whole(value: unknown, where: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1) {
    malformed(`${where} is not a whole number above 0`);
  }
  return value;
}

function list(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value)) malformed(`${where} is not a list`);
  return value;
}

function malformed(message: string): never {
  throw trainingError('dataset-malformed', message);
}

/** Groups that begin so are fruit that stations sent and people labelled. */
export const sampleGroupPrefix = 'sample/';
