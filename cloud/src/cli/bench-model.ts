import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileOf, type Manifest, parseManifest } from '@pomona/release';
import { AppError, type ModelView } from '@pomona/wire';
import { BlobFolder } from '../adapters/blob-folder.ts';
import { datasetFolderOf } from '../adapters/dataset/dataset-folder.ts';
import { defaultRecipeFor } from '../domain/default-recipe-for.ts';
import { drawDataset, lineCropSize } from './draw-dataset.ts';
import { portraitSize } from './draw-portraits.ts';
import type { Output } from './output.ts';
import { trainFromTerminal } from './train.ts';
import { withRegistry } from './with-registry.ts';

export interface BenchModel {
  readonly manifest: Manifest;
  /** Files of the variants, by name. */
  readonly files: ReadonlyMap<string, string>;
  readonly datasetFolder: string;
}

export interface BenchModelRequest {
  readonly data: string | undefined;
  readonly output: Output;
  readonly signal: AbortSignal;
  readonly anyModel: boolean;
  /** Of `data`: NAME for the newest version, NAME@VERSION or NAME@ALIAS; without it the newest of all. */
  readonly model?: string;
  /** To train on; default 600. */
  readonly fruits?: number;
  /** What is trained; default `sequential`. */
  readonly network?: BenchNetwork;
  /** Side of the crops, pixels; default what the network was made for. */
  readonly size?: number;
  /** Passes over the dataset; default a few, since speed asks no more. */
  readonly epochs?: number;
  /** By all passes of its recipe, as users get it. */
  readonly byRecipe?: boolean;
}

/** What the agent's benches are told of a variant. */
export function benchVariantOf({ manifest, files }: Pick<BenchModel, 'manifest' | 'files'>, variant: string) {
  const { labels, input } = manifest;
  const recipe = manifest.recipe ?? defaultRecipeFor(manifest);
  const { size: inputSize, standardise } = input;
  return { labels, inputSize, standardise, recipe, variant, modelFile: files.get(variant)! };
}

export type BenchNetwork = keyof typeof sizes;

/** Of the crops that each network was made for, pixels. */
const sizes = { sequential: lineCropSize, compact: portraitSize };
export const benchNetworks = Object.keys(sizes) as readonly BenchNetwork[];

const fewFruits = 600;
const fewEpochs = 6;
const seed = 1;

/**
 * Hands a model of a data folder to `use`, the newest one, and one that is quantized unless `anyModel`, if none is named; without a folder, one that is trained on some drawn apples
 * for it and thrown away. Error: `model-unknown`.
 */
export async function withBenchModel<T>(
  request: BenchModelRequest,
  use: (model: BenchModel) => Promise<T>,
): Promise<T> {
  const { data, output, signal, anyModel, network = 'sequential', byRecipe = false } = request;
  const { fruits = fewFruits, size = sizes[network], epochs = byRecipe ? undefined : fewEpochs } = request;
  if (data !== undefined) return use(await modelOf(data, request.model, anyModel));
  const folder = await mkdtemp(join(tmpdir(), 'pomona-bench-'));
  try {
    const model = await withRegistry(folder, async (registry) => {
      const { datasets } = registry;
      const dataset = await drawDataset({
        ...{ dataFolder: folder, name: 'bench', seed, fruits, datasets, output, signal },
        size,
      });
      return trainFromTerminal({
        ...{ dataFolder: folder, dataset, name: 'bench', network, seed },
        ...(epochs === undefined ? {} : { epochs }),
        ...{ registry, actor: 'bench', output, signal },
      });
    });
    return await use(await filesOf(folder, model));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** `reference`: NAME for the newest version, NAME@VERSION or NAME@ALIAS; without it the newest of all. */
export async function modelOf(
  data: string,
  reference: string | undefined,
  anyModel: boolean,
): Promise<BenchModel> {
  if (reference === undefined) return newestModel(data, anyModel);
  return filesOf(data, await withRegistry(data, ({ models }) => models.resolve(reference)));
}

async function newestModel(data: string, anyModel: boolean): Promise<BenchModel> {
  const models = await withRegistry(data, (registry) => registry.models.list());
  const [newest] = models
    .filter(({ variants }) => anyModel || variants !== undefined)
    .sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  if (newest !== undefined) return filesOf(data, newest);
  throw new AppError('model-unknown', `there is no ${anyModel ? '' : 'quantized '}model in ${data}`, {
    hint: 'Train one with `pomona train`, or leave out --data.',
  });
}

export async function filesOf(data: string, { digest, dataset }: ModelView): Promise<BenchModel> {
  const blobs = new BlobFolder(data);
  const manifest = parseManifest(await readFile(join(blobs.folder, digest)));
  return {
    manifest,
    files: new Map(
      manifest.variants.map(({ name, file }) => [name, join(blobs.folder, fileOf(manifest, file).digest)]),
    ),
    datasetFolder: datasetFolderOf(data, dataset.name, dataset.digest),
  };
}
