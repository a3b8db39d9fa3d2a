import { isAppError, type ModelView } from '@pomona/wire';
import type { DatasetImage } from '../domain/dataset.ts';

export interface DatasetRef {
  readonly name: string;
  readonly digest: string;
}

export interface SeenPorts {
  readonly models: { find(name: string, version: number): Promise<ModelView | undefined> };
  /** Undefined where that version is not here any more. */
  readImages(dataset: DatasetRef): Promise<readonly DatasetImage[] | undefined>;
}

/**
 * The crops that a version's network learned from or was chosen by, as did those that it went on from; undefined where one of
 * those versions or datasets is not here any more, or damaged. A crop is known by its digest, under whatever name a dataset has it.
 */
export async function learnedBy(ports: SeenPorts, model: ModelView): Promise<Set<string> | undefined> {
  const learned = new Set<string>();
  // A release that was brought from elsewhere names a parent of that place.
  const passed = new Set<string>();
  let version = model;
  while (!passed.has(version.digest)) {
    passed.add(version.digest);
    const images = await imagesIfWhole(ports, version.dataset);
    if (images === undefined) return undefined;
    for (const { split, digest } of images) if (split !== 'test') learned.add(digest);
    if (version.parent === undefined) break;
    const parent = await ports.models.find(version.parent.name, version.parent.version);
    if (parent === undefined) return undefined;
    version = parent;
  }
  return learned;
}

/** For figures that inform, and for which nothing else may fail; undefined also of a version that is damaged. */
export async function imagesIfWhole(
  { readImages }: Pick<SeenPorts, 'readImages'>,
  dataset: DatasetRef,
): Promise<readonly DatasetImage[] | undefined> {
  try {
    return await readImages(dataset);
  } catch (error) {
    if (isAppError(error) && error.code === 'dataset-damaged') return undefined;
    throw error;
  }
}
