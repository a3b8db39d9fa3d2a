/** Dataset versions on disk: `datasets/<name>/<digest>/` with `dataset.json`, `crops.u8`, maybe `defects.u8`. */
import { type FileHandle, mkdtemp, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { digestOf, makeFolder, readIfPresent, syncFolder, writeFileDurably } from '@pomona/release';
import { systemErrorCode } from '@pomona/wire';
import { type DatasetFile, type DatasetImage, parseDatasetFile } from '../../domain/dataset.ts';
import { datasetError } from '../../domain/dataset-errors.ts';
import type { DatasetDraft, DatasetStore, StoredDataset } from '../../use-cases/dataset-ports.ts';

export const cropsFile = 'crops.u8';
const defectsFile = 'defects.u8';
const partial = /^\.partial-(\d+)-/;

export function datasetFolderOf(dataFolder: string, name: string, digest: string): string {
  return join(dataFolder, 'datasets', name, digest);
}

export class DatasetFolderStore implements DatasetStore {
  readonly #dataFolder: string;

  constructor(dataFolder: string) {
    this.#dataFolder = dataFolder;
  }

  async begin(name: string): Promise<DatasetDraft> {
    const parent = join(this.#dataFolder, 'datasets', name);
    try {
      await makeFolder(parent);
      await removeAbandoned(parent);
      const folder = await mkdtemp(join(parent, `.partial-${process.pid}-`));
      return new FolderDraft(parent, folder, await open(join(folder, cropsFile), 'wx+'));
    } catch (error) {
      throw notWritten(parent, error);
    }
  }
}

/** What a process that was killed left behind; it would never come back for it. */
async function removeAbandoned(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const pid = partial.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid)))
      await rm(join(parent, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return systemErrorCode(error) === 'EPERM';
  }
}

class FolderDraft implements DatasetDraft {
  readonly #parent: string;
  readonly #folder: string;
  readonly #crops: FileHandle;
  #defects: FileHandle | undefined;
  #isOpen = true;

  constructor(parent: string, folder: string, crops: FileHandle) {
    this.#parent = parent;
    this.#folder = folder;
    this.#crops = crops;
  }

  async append(crop: Uint8Array, defects?: Uint8Array): Promise<void> {
    try {
      await this.#crops.writeFile(crop);
      if (defects === undefined) return;
      this.#defects ??= await open(join(this.#folder, defectsFile), 'wx');
      await this.#defects.writeFile(defects);
    } catch (error) {
      throw notWritten(this.#folder, error);
    }
  }

  async retain(positions: readonly number[], cropBytes: number): Promise<void> {
    const crop = Buffer.alloc(cropBytes);
    try {
      for (const [to, from] of positions.entries()) {
        if (to === from) continue;
        await this.#crops.read(crop, 0, cropBytes, from * cropBytes);
        await this.#crops.write(crop, 0, cropBytes, to * cropBytes);
      }
      await this.#crops.truncate(positions.length * cropBytes);
    } catch (error) {
      throw notWritten(this.#folder, error);
    }
  }

  async commit(file: DatasetFile): Promise<StoredDataset> {
    const folder = join(this.#parent, file.digest);
    const known = await this.#findWhole(folder);
    if (known) return { folder, file: await tellAnew(folder, known, file), reused: true };
    try {
      await this.#crops.sync();
      await this.#defects?.sync();
      await this.#close();
      await writeSynced(join(this.#folder, 'dataset.json'), JSON.stringify(file));
      await syncFolder(this.#folder);
      await rm(folder, { recursive: true, force: true });
      await rename(this.#folder, folder);
      await syncFolder(this.#parent);
    } catch (error) {
      throw notWritten(folder, error);
    }
    return { folder, file, reused: false };
  }

  async discard(): Promise<void> {
    await this.#close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** A version that is there and was not damaged since. */
  async #findWhole(folder: string): Promise<DatasetFile | undefined> {
    if (!(await readIfPresent(join(folder, 'dataset.json')))) return undefined;
    try {
      return (await readDataset(folder)).file;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'dataset-damaged') return undefined;
      throw error;
    }
  }

  async #close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.#crops.close();
    await this.#defects?.close();
  }
}

/** Of a version that is there, with what was refused and left out this time, by the limits of this time, and what that makes worth knowing. */
async function tellAnew(
  folder: string,
  known: DatasetFile,
  { quarantined, leftOut, verified, notes }: DatasetFile,
): Promise<DatasetFile> {
  const { verified: _, ...rest } = known;
  const file = { ...rest, quarantined, leftOut, notes, ...(verified === undefined ? {} : { verified }) };
  const text = JSON.stringify(file);
  try {
    if (!isDeepStrictEqual(JSON.parse(text), known))
      await writeFileDurably(join(folder, 'dataset.json'), text);
  } catch (error) {
    throw notWritten(folder, error);
  }
  return file;
}

/** The maps of a version that has them, uint8 [images, cells, cells, 2]; checked by `readDataset`. */
export async function readDefectMaps(folder: string): Promise<Buffer> {
  return readPart(folder, defectsFile);
}

export interface FrozenDataset {
  readonly file: DatasetFile;
  /** uint8 [images, inputSize, inputSize, 3], RGB. */
  readonly crops: Buffer;
}

/** What a version says of its images, without them. Throws `dataset-damaged`. */
export async function readDatasetFile(folder: string): Promise<DatasetFile> {
  return parseDatasetFile(await readPart(folder, 'dataset.json'));
}

/** Images of a version that fit, of which its file has `text` somewhere; a file without it is not looked into. Throws `dataset-damaged`. */
export async function findImages(
  folder: string,
  text: string,
  fits: (image: DatasetImage) => boolean,
): Promise<DatasetImage[]> {
  const bytes = await readPart(folder, 'dataset.json');
  // As it stands in JSON, without the quotes.
  if (!bytes.includes(JSON.stringify(text).slice(1, -1))) return [];
  return parseDatasetFile(bytes).images.filter(fits);
}

/** A version with every digest checked. Throws `dataset-damaged`. */
export async function readDataset(folder: string): Promise<FrozenDataset> {
  const file = await readDatasetFile(folder);
  const cropBytes = file.inputSize * file.inputSize * 3;
  const crops = await readItems(folder, cropsFile, file, cropBytes, ({ digest }) => digest);
  if (file.defectCells !== undefined) {
    const mapBytes = file.defectCells * file.defectCells * 2;
    await readItems(folder, defectsFile, file, mapBytes, ({ defects }) => defects);
  }
  return { file, crops };
}

/** A file with one item of equal size per image, each of which has the digest that is written of it. */
async function readItems(
  folder: string,
  name: string,
  { images }: DatasetFile,
  itemBytes: number,
  digestIn: (image: DatasetImage) => string | undefined,
): Promise<Buffer> {
  const bytes = await readPart(folder, name);
  if (bytes.byteLength !== images.length * itemBytes) {
    const detail = `${bytes.byteLength} bytes, ${images.length} images take ${images.length * itemBytes}`;
    throw datasetError('dataset-damaged', `${name} in ${folder} has ${detail}`);
  }
  images.forEach((image, i) => {
    const digest = digestIn(image);
    // An image without a map has a place for it that says nothing.
    if (digest === undefined) return;
    if (digestOf(bytes.subarray(i * itemBytes, (i + 1) * itemBytes)) !== digest)
      throw datasetError(
        'dataset-damaged',
        `image ${i} (${image.source}) of ${name} in ${folder} was changed`,
      );
  });
  return bytes;
}

async function readPart(folder: string, name: string): Promise<Buffer> {
  try {
    return await readFile(join(folder, name));
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    throw datasetError('dataset-damaged', `${name} in ${folder} cannot be read`, error);
  }
}

async function writeSynced(path: string, text: string): Promise<void> {
  const handle = await open(path, 'wx');
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function notWritten(where: string, cause: unknown): Error {
  if (systemErrorCode(cause) === undefined) return cause instanceof Error ? cause : new Error(String(cause));
  const why = cause instanceof Error ? cause.message : '';
  return datasetError('dataset-not-written', `the dataset could not be written to ${where}: ${why}`, cause);
}
