/**
 * The feature store: figures of every picture and group of a dataset version, of every graded fruit and of every window of a
 * station, in versioned sets. Figures of pictures are computed once and kept beside the version, whose content never
 * changes, and so is what a model's network makes of them; those of fruits and windows are a few products over one stored record, which never
 * changes either.
 */
import {
  AppError,
  type Clock,
  type DatasetView,
  type FeaturePage,
  type FeatureQuery,
  type FeatureRow,
  type ModelView,
} from '@pomona/wire';
import type { DatasetFile } from '../domain/dataset.ts';
import { embeddingRows, embeddingSet } from '../domain/embedding-set.ts';
import {
  type ArrivedWindow,
  fruitRow,
  type GradedFruit,
  groupRows,
  imageRows,
  windowRow,
} from '../domain/feature-rows.ts';
import { type FeatureSet, findFeatureSet } from '../domain/feature-set.ts';
import { fruitLabel, type LabelledSample, withLabels } from '../domain/fruit-label.ts';

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

export interface ImageFigures {
  readonly file: DatasetFile;
  /** float32 [images, columns of the set]. */
  readonly rows: Float32Array;
}

export interface EmbeddingFigures extends ImageFigures {
  readonly columns: readonly string[];
}

export interface FeaturePorts {
  readonly datasets: { find(name: string, digest: string): Promise<DatasetView | undefined> };
  /** Error of `resolve`: `model-unknown`. */
  readonly models: { resolve(reference: string): Promise<ModelView>; list(): Promise<readonly ModelView[]> };
  /** `view@2`. */
  readImages(version: DatasetView): Promise<ImageFigures>;
  /** With the columns that its network gives. Errors: `dataset-damaged`, `files-removed`, `model-unreadable`. */
  readEmbedding(version: DatasetView, model: ModelView): Promise<EmbeddingFigures>;
  readonly stations: { find(station: string): Promise<object | undefined> };
  readonly arrived: {
    fruits(range: ArrivedRange): Promise<readonly GradedFruit[]>;
    windows(range: ArrivedRange): Promise<readonly ArrivedWindow[]>;
    /** Of fruits by `id`, what was said of their samples until then. */
    labels(fruits: readonly number[], untilMs: number): Promise<ReadonlyMap<number, LabelledSample[]>>;
  };
  readonly clock: Pick<Clock, 'nowMs'>;
}

const pageRows = 1_000;

export interface FeatureReading {
  readonly set: FeatureSet;
  /** Nothing in it is newer; undefined where that was not asked for. */
  readonly asOf?: string | undefined;
  page(after: number, limit: number): Promise<FeaturePage>;
}

/**
 * `hiddenFrom` is a person whose second opinion may be wanted, and who must not see the first. Errors: `feature-set-unknown`, `feature-query`, `dataset-unknown`, `dataset-damaged`, `station-unknown`, `model-unknown`,
 * `model-unreadable`, `files-removed`.
 */
export async function readFeatures(
  ports: FeaturePorts,
  query: FeatureQuery,
  hiddenFrom?: string,
): Promise<FeatureReading> {
  const { set, read, asOf } = await sourceOf(ports, query, hiddenFrom);
  return {
    ...{ set, asOf },
    async page(after, limit) {
      const { rows, end } = await read(after, limit);
      const next = rows.length < limit ? null : end;
      return { set: set.set, rows, next, ...(asOf === undefined ? {} : { asOf }) };
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

interface Source {
  readonly set: FeatureSet;
  readonly asOf?: string | undefined;
  /** `end` is the `after` of what follows. */
  read(after: number, limit: number): Promise<{ rows: FeatureRow[]; end: number }>;
}

async function sourceOf(
  ports: FeaturePorts,
  query: FeatureQuery,
  hiddenFrom: string | undefined,
): Promise<Source> {
  const [name = '', digest] = query.set?.split('@') ?? [];
  if (name === 'embedding') return embeddingOf(ports, query, digest);
  const set = findFeatureSet(query.set ?? (query.dataset === undefined ? 'fruit' : 'view'));
  if (query.model !== undefined) throw notOf(set.set, 'is of no model');
  return set.source === 'dataset' ? imagesOf(ports, set, query) : recordsOf(ports, set, query, hiddenFrom);
}

async function versionOf(
  { datasets }: FeaturePorts,
  set: string,
  { dataset, station, from, to, withLabels: isLabelled, asOf }: FeatureQuery,
): Promise<DatasetView> {
  if (dataset === undefined) throw notOf(set, 'is of the images of a dataset version, and none is named');
  if ((station ?? from ?? to) !== undefined) throw notOf(set, 'is of a whole dataset version');
  if (isLabelled || asOf !== undefined)
    throw notOf(set, 'has the grades that its dataset version was frozen with, whenever one asks');
  const [of = '', digest = ''] = dataset.split('@');
  const version = await datasets.find(of, digest);
  if (version) return version;
  throw new AppError('dataset-unknown', `there is no dataset ${dataset}`, {
    hint: 'See the list: pomona dataset list.',
  });
}

async function imagesOf(ports: FeaturePorts, set: FeatureSet, query: FeatureQuery): Promise<Source> {
  const { file, rows } = await ports.readImages(await versionOf(ports, set.set, query));
  if (set.name === 'view') return paged(set, (from, to) => imageRows(set, file.images, rows, from, to));
  const groups = groupRows(set, file.images, rows);
  return paged(set, (from, to) => groups.slice(from, to));
}

async function embeddingOf(
  ports: FeaturePorts,
  query: FeatureQuery,
  digest: string | undefined,
): Promise<Source> {
  const version = await versionOf(ports, 'embedding', query);
  const model = await modelOf(ports, query.model, digest);
  const { file, columns, rows } = await ports.readEmbedding(version, model);
  const set = embeddingSet(model, columns);
  return paged(set, (from, to) => embeddingRows(set, model, file.images, rows, from, to));
}

async function modelOf(
  { models }: FeaturePorts,
  reference: string | undefined,
  digest: string | undefined,
): Promise<ModelView> {
  const isMeant = (model: ModelView): boolean => digest === undefined || model.digest.startsWith(digest);
  if (reference === undefined && digest === undefined)
    throw notOf('embedding', 'is of one model, and none is named');
  const known = reference === undefined ? await models.list() : [await models.resolve(reference)];
  const model = known.find(isMeant);
  if (model) return model;
  throw notOf(`embedding@${digest}`, `is not of ${reference ?? 'any model that is here'}`);
}

function paged(set: FeatureSet, rowsOf: (from: number, to: number) => FeatureRow[]): Source {
  return {
    set,
    async read(after, limit) {
      return { rows: rowsOf(after, after + limit), end: after + limit };
    },
  };
}

async function recordsOf(
  { stations, arrived, clock }: FeaturePorts,
  set: FeatureSet,
  { dataset, station, from, to, asOf, withLabels: isLabelled = false }: FeatureQuery,
  hiddenFrom: string | undefined,
): Promise<Source> {
  if (dataset !== undefined) throw notOf(set.set, 'is of what stations saw, and has no dataset');
  if (isLabelled && set.name !== 'fruit') throw notOf(set.set, 'is of many fruits, which have no one label');
  if (station !== undefined && !(await stations.find(station)))
    throw new AppError('station-unknown', `there is no station ${station}`, {
      hint: 'See the list: pomona station list.',
    });
  const nowMs = clock.nowMs();
  const knownMs = asOf === undefined ? nowMs : Date.parse(asOf);
  if (!(knownMs <= nowMs)) throw notOf(set.set, `is not known yet as of ${asOf}`);
  const fromMs = from === undefined ? 0 : Date.parse(from);
  const wantedMs = to === undefined ? Number.MAX_SAFE_INTEGER : Date.parse(to);
  if (!(fromMs < wantedMs))
    throw notOf(set.set, `has nothing from ${from ?? 'the start'} to ${to ?? 'the end'}`);
  const toMs = asOf === undefined ? wantedMs : Math.min(wantedMs, knownMs + 1);
  const fruitRows = async (range: ArrivedRange): Promise<{ id: number; row: FeatureRow }[]> => {
    const fruits = await arrived.fruits(range);
    if (!isLabelled) return fruits.map((fruit) => ({ id: fruit.id, row: fruitRow(set, fruit) }));
    const ids = fruits.map(({ id }) => id);
    const samples = await arrived.labels(ids, knownMs);
    return fruits.map((fruit) => ({
      id: fruit.id,
      row: { ...fruitRow(set, fruit), ...fruitLabel(fruit, samples.get(fruit.id) ?? [], hiddenFrom) },
    }));
  };
  const windowRows = async (range: ArrivedRange): Promise<{ id: number; row: FeatureRow }[]> =>
    (await arrived.windows(range)).map((window) => ({ id: window.id, row: windowRow(window) }));
  const readPart = set.name === 'fruit' ? fruitRows : windowRows;
  return {
    set: isLabelled ? withLabels(set) : set,
    asOf: isLabelled || asOf !== undefined ? new Date(knownMs).toISOString() : undefined,
    async read(after, limit) {
      const found = await readPart({ station, fromMs, toMs, after, limit });
      return { rows: found.map(({ row }) => row), end: found.at(-1)?.id ?? after };
    },
  };
}

function notOf(set: string, why: string): AppError {
  return new AppError('feature-query', `${set} ${why}`, {
    hint: 'For view and group name a dataset, for embedding a model as well. A station, from, to and as of are for fruit and window, labels for fruit alone.',
  });
}
