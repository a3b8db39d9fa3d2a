/** From a photograph to the stations and back: what was learnt from what, and ran where and when. */
import {
  AppError,
  type DatasetView,
  isAppError,
  type Lineage,
  type LineageQuery,
  type ModelView,
  type StationRun,
} from '@pomona/wire';
import type { DatasetImage } from '../domain/dataset.ts';
import { familyOf, nameOf, reachedBy } from '../domain/lineage.ts';

export interface LineagePorts {
  readonly datasets: {
    list(): Promise<DatasetView[]>;
    find(name: string, digestPrefix?: string): Promise<DatasetView | undefined>;
  };
  readonly models: {
    list(): Promise<ModelView[]>;
    resolve(reference: string): Promise<ModelView>;
    allAliases(): Promise<{ name: string; alias: string; version: number }[]>;
  };
  readonly runs: { ofReleases(digests: readonly string[]): Promise<StationRun[]> };
  /** Images of the version that fit; an image that has the text nowhere does not. Throws `dataset-damaged`. */
  findImages(
    dataset: Pick<DatasetView, 'name' | 'digest'>,
    text: string,
    fits: (image: DatasetImage) => boolean,
  ): Promise<DatasetImage[]>;
}

type Found = Pick<Lineage, 'of' | 'photographs' | 'quarantined' | 'unreadable'> & {
  readonly datasets: readonly DatasetView[];
  readonly linked: ReturnType<typeof reachedBy>;
};

/** Errors: `photograph-unknown`, `dataset-unknown`, `model-unknown`, `digest-ambiguous`, `lineage-of-what`. */
export async function traceLineage(ports: LineagePorts, query: LineageQuery): Promise<Lineage> {
  const { photograph, dataset, model } = query;
  const asked = [photograph, dataset, model].filter((each) => each !== undefined).length;
  if (asked !== 1)
    throw new AppError('lineage-of-what', `${asked} things were asked for, one is wanted`, {
      hint: 'Name a photograph, a dataset or a model, and one of them.',
    });
  const models = (await ports.models.list()).sort((a, b) => order(a.createdAt, b.createdAt));
  const found =
    photograph !== undefined
      ? await ofPhotograph(ports, models, photograph)
      : dataset !== undefined
        ? await ofDataset(ports, models, dataset)
        : await ofModel(ports, models, await ports.models.resolve(model ?? ''));
  const { linked, datasets, ...told } = found;
  const byName = new Map(models.map((each) => [nameOf(each), each]));
  const aliases = await ports.models.allAliases();
  const placed = linked.map((each) => {
    const { digest, createdAt } = byName.get(nameOf(each))!;
    const mine = aliases.filter(({ name, version }) => name === each.name && version === each.version);
    return { ...each, digest, createdAt, aliases: mine.map(({ alias }) => alias).sort() };
  });
  const releases = placed.filter(({ place }) => place !== 'before').map(({ digest }) => digest);
  return {
    ...told,
    datasets: datasets.map(({ name, digest, createdAt, source, images, groups }) => ({
      ...{ name, digest, createdAt, source, images, groups },
    })),
    models: placed,
    runs: await ports.runs.ofReleases(releases),
  };
}

/** As a file's or a crop's digest, whole or from eight digits on, or as the path that it came by. */
async function ofPhotograph(
  ports: LineagePorts,
  models: readonly ModelView[],
  wanted: string,
): Promise<Found> {
  const text = wanted.toLowerCase();
  const isDigest = /^[0-9a-f]{8,64}$/.test(text);
  const isIt = (path: string, ...digests: readonly (string | undefined)[]): boolean =>
    path === wanted || (isDigest && digests.some((digest) => digest?.startsWith(text)));
  const found: Found = {
    of: { kind: 'photograph', name: wanted },
    ...{ photographs: [], quarantined: [], unreadable: [], datasets: [], linked: [] },
  };
  const holding: DatasetView[] = [];
  for (const view of await ports.datasets.list()) {
    const dataset = { name: view.name, digest: view.digest };
    for (const { path, original, reason } of view.quarantined)
      if (isIt(path, original)) found.quarantined.push({ dataset, path, reason });
    const images = await imagesOf(ports, view, found, isDigest ? text : wanted, (image) =>
      isIt(image.source, image.digest, image.original),
    );
    if (images.length > 0) holding.push(view);
    for (const { digest, source, grade, split, group, ...image } of images) {
      const { original = null, labelled = null, about = null } = image;
      found.photographs.push({
        ...{ dataset, path: source, digest, original, grade, split, group, labelled, about },
      });
    }
  }
  if (found.photographs.length + found.quarantined.length + found.unreadable.length === 0)
    throw new AppError('photograph-unknown', `no dataset version holds ${wanted}`, {
      hint: 'Name its file, the SHA-256 of its file or its crop, or its path as `pomona dataset export` lists it.',
    });
  const reaching = found.photographs.map(({ dataset, split }) => ({ digest: dataset.digest, split }));
  return { ...found, datasets: holding, linked: reachedBy(models, reaching) };
}

async function imagesOf(
  { findImages }: LineagePorts,
  { name, digest }: DatasetView,
  { unreadable }: Found,
  text: string,
  fits: (image: DatasetImage) => boolean,
): Promise<DatasetImage[]> {
  try {
    return await findImages({ name, digest }, text, fits);
  } catch (error) {
    // One version that was damaged does not hide what the others hold.
    if (!isAppError(error) || error.code !== 'dataset-damaged') throw error;
    unreadable.push({ name, digest, why: error.message });
    return [];
  }
}

async function ofDataset(
  ports: LineagePorts,
  models: readonly ModelView[],
  reference: string,
): Promise<Found> {
  const [name = '', digest = ''] = reference.split('@');
  const view = await ports.datasets.find(name, digest);
  if (view === undefined)
    throw new AppError('dataset-unknown', `there is no dataset ${reference}`, {
      hint: 'See the list: pomona dataset list.',
    });
  return {
    of: { kind: 'dataset', name: `${view.name}@${view.digest}` },
    ...{ photographs: [], quarantined: [], unreadable: [] },
    datasets: [view],
    linked: reachedBy(models, [{ digest: view.digest }]),
  };
}

async function ofModel(
  { datasets }: LineagePorts,
  models: readonly ModelView[],
  model: ModelView,
): Promise<Found> {
  const linked = familyOf(models, model);
  const made = linked.filter(({ place }) => place !== 'after').map(nameOf);
  const wanted = new Map(
    models
      .filter((each) => made.includes(nameOf(each)))
      .flatMap(({ dataset, calibration }) => [dataset, ...(calibration ? [calibration.dataset] : [])])
      .map((dataset) => [`${dataset.name}@${dataset.digest}`, dataset]),
  );
  // A dataset that another control plane keeps is named by the links alone.
  const views = await Promise.all(
    [...wanted.values()].map(({ name, digest }) => datasets.find(name, digest)),
  );
  return {
    of: { kind: 'model', name: nameOf(model) },
    ...{ photographs: [], quarantined: [], unreadable: [], linked },
    datasets: views.filter((view) => view !== undefined),
  };
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
