/**
 * The feature store: figures of every picture and group of a dataset version, of every graded fruit and of every window of a
 * station, in versioned sets. Figures of pictures are computed once and kept beside the version, whose content never
 * changes; those of fruits and windows are a few products over one stored record, which never changes either.
 */
import {
  AppError,
  type DatasetView,
  type FeaturePage,
  type FeatureQuery,
  type FeatureRow,
} from '@pomona/wire';
import type { DatasetFile } from '../domain/dataset.ts';
import {
  type ArrivedWindow,
  fruitRow,
  type GradedFruit,
  groupRows,
  imageRows,
  windowRow,
} from '../domain/feature-rows.ts';
import { type FeatureSet, findFeatureSet } from '../domain/feature-set.ts';

export interface ArrivedRange {
  readonly station?: string | undefined;
  /** Of fruits: only those that it graded; any version of it unless one is named. */
  readonly model?: { readonly name: string; readonly version?: number | undefined } | undefined;
  /** By when it came in: a station's clock may be wrong. 0 for all. */
  readonly fromMs: number;
  readonly toMs: number;
  /** `id` of the last record that is not wanted any more. */
  readonly after: number;
  readonly limit: number;
}

export interface FeaturePorts {
  readonly datasets: { find(name: string, digest: string): Promise<DatasetView | undefined> };
  /** `rows` float32 [images, columns of `view@2`]. */
  readImages(version: DatasetView): Promise<{ readonly file: DatasetFile; readonly rows: Float32Array }>;
  readonly stations: { find(station: string): Promise<object | undefined> };
  readonly arrived: {
    fruits(range: ArrivedRange): Promise<readonly GradedFruit[]>;
    windows(range: ArrivedRange): Promise<readonly ArrivedWindow[]>;
  };
}

const pageRows = 1_000;

export interface FeatureReading {
  readonly set: FeatureSet;
  page(after: number, limit: number): Promise<FeaturePage>;
}

/** Errors: `feature-set-unknown`, `feature-query`, `dataset-unknown`, `dataset-damaged`, `station-unknown`. */
export async function readFeatures(ports: FeaturePorts, query: FeatureQuery): Promise<FeatureReading> {
  const set = findFeatureSet(query.set ?? (query.dataset === undefined ? 'fruit' : 'view'));
  const read =
    set.source === 'dataset' ? await imagesOf(ports, set, query) : await recordsOf(ports, set, query);
  return {
    set,
    async page(after, limit) {
      const { rows, end } = await read(after, limit);
      return { set: set.set, rows, next: rows.length < limit ? null : end };
    },
  };
}

/** All rows after `query.after`, at most `query.limit` of them, a part at a time. */
export async function* featureRows(
  { page }: FeatureReading,
  query: FeatureQuery,
): AsyncGenerator<FeatureRow[]> {
  let left = query.limit ?? Number.MAX_SAFE_INTEGER;
  for (let after: number | null = query.after ?? 0; after !== null && left > 0; ) {
    const { rows, next }: FeaturePage = await page(after, Math.min(left, pageRows));
    yield rows;
    left -= rows.length;
    after = next;
  }
}

/** `end` is the `after` of what follows. */
type ReadPart = (after: number, limit: number) => Promise<{ rows: FeatureRow[]; end: number }>;

async function imagesOf(ports: FeaturePorts, set: FeatureSet, query: FeatureQuery): Promise<ReadPart> {
  const { dataset, station, from, to } = query;
  if (dataset === undefined) throw notOf(set.set, 'is of the images of a dataset version, and none is named');
  if ((station ?? from ?? to) !== undefined) throw notOf(set.set, 'is of a whole dataset version');
  const [of = '', digest = ''] = dataset.split('@');
  const version = await ports.datasets.find(of, digest);
  if (version === undefined)
    throw new AppError('dataset-unknown', `there is no dataset ${dataset}`, {
      hint: 'See the list: pomona dataset list.',
    });
  const { file, rows } = await ports.readImages(version);
  if (set.name === 'view')
    return async (after, limit) => ({
      rows: imageRows(set, file.images, rows, after, after + limit),
      end: after + limit,
    });
  const groups = groupRows(set, file.images, rows);
  return async (after, limit) => ({ rows: groups.slice(after, after + limit), end: after + limit });
}

async function recordsOf(
  { stations, arrived }: FeaturePorts,
  set: FeatureSet,
  { dataset, station, from, to }: FeatureQuery,
): Promise<ReadPart> {
  if (dataset !== undefined) throw notOf(set.set, 'is of what stations saw, and has no dataset');
  if (station !== undefined && !(await stations.find(station)))
    throw new AppError('station-unknown', `there is no station ${station}`, {
      hint: 'See the list: pomona station list.',
    });
  const fromMs = from === undefined ? 0 : Date.parse(from);
  const toMs = to === undefined ? Number.MAX_SAFE_INTEGER : Date.parse(to);
  if (!(fromMs < toMs)) throw notOf(set.set, `has nothing from ${from ?? 'the start'} to ${to ?? 'the end'}`);
  const readPart = async (range: ArrivedRange): Promise<{ id: number; row: FeatureRow }[]> =>
    set.name === 'fruit'
      ? (await arrived.fruits(range)).map((fruit) => ({ id: fruit.id, row: fruitRow(set, fruit) }))
      : (await arrived.windows(range)).map((window) => ({ id: window.id, row: windowRow(window) }));
  return async (after, limit) => {
    const found = await readPart({ station, fromMs, toMs, after, limit });
    return { rows: found.map(({ row }) => row), end: found.at(-1)?.id ?? after };
  };
}

function notOf(set: string, why: string): AppError {
  return new AppError('feature-query', `${set} ${why}`, {
    hint: 'Name a dataset for view and group; a station, from and to for fruit and window, where not all is wanted.',
  });
}
