import { createHash } from 'node:crypto';
import { createReadStream, type Dirent } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { digestOf, readIfPresent } from '@pomona/release';
import { systemErrorCode } from '@pomona/wire';
import { datasetError } from '../../domain/dataset-errors.ts';
import { type ListedPhotograph, parseDatasetIndex } from '../../domain/dataset-index.ts';
import type {
  CropWanted,
  Inspection,
  ListingWay,
  PhotographListing,
  Photographs,
} from '../../use-cases/dataset-ports.ts';
import type { BlobFolder } from '../blob-folder.ts';
import { photographBytesMax } from './inspect-photograph.ts';
import { inspectInPool, type PhotographPoolOptions } from './photograph-pool.ts';

/** Photographs in a folder of this machine; those that a dataset takes are kept as blobs. */
export class PhotographFolder implements Photographs {
  readonly #blobs: Pick<BlobFolder, 'put'>;
  readonly #pool: PhotographPoolOptions;

  constructor(blobs: Pick<BlobFolder, 'put'>, pool: PhotographPoolOptions = {}) {
    this.#blobs = blobs;
    this.#pool = pool;
  }

  async list(folder: string, way: ListingWay = 'graded'): Promise<PhotographListing> {
    try {
      if (!(await stat(folder)).isDirectory())
        throw datasetError('dataset-folder-missing', `${folder} is a file, not a folder`);
      const index = await readIfPresent(join(folder, 'index.csv'));
      if (index) {
        const isGraded = way === 'graded';
        const files = await filesBelow(folder, '', { isAllNeeded: false });
        const listed = parseDatasetIndex(index.toString(), join(folder, 'index.csv'), { isGraded });
        const photographs = asOnDisk(listed, files);
        const unlisted = countOthers(files, photographs);
        return { photographs, isGrouped: true, unlisted };
      }
      if (way === 'unsorted') return listByFolder(await filesBelow(folder, ''));
      const photographs = await listByGrade(folder);
      const beside = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isFile());
      const unlisted = countOthers(
        beside.map(({ name }) => name),
        [],
      );
      return { photographs, isGrouped: false, unlisted };
    } catch (error) {
      const code = systemErrorCode(error);
      if (code === 'ENOENT')
        throw datasetError('dataset-folder-missing', `there is no folder ${folder}`, error);
      if (code === 'EACCES' || code === 'EPERM')
        throw datasetError('dataset-folder-unreadable', `${folder} cannot be read`, error);
      throw error;
    }
  }

  async digest(folder: string, path: string): Promise<{ digest: string } | { reason: string }> {
    const hash = createHash('sha256');
    try {
      await pipeline(createReadStream(join(folder, path)), hash);
    } catch (error) {
      const code = systemErrorCode(error);
      if (code === undefined) throw error;
      return { reason: code === 'ENOENT' ? 'there is no such file' : `the file cannot be read (${code})` };
    }
    return { digest: hash.digest('hex') };
  }

  inspect(
    folder: string,
    paths: readonly string[],
    wanted: CropWanted,
    signal: AbortSignal,
  ): AsyncIterable<Inspection> {
    const whole = paths.map((path) => join(folder, path));
    return inspectInPool(whole, wanted, signal, this.#pool);
  }

  async keep(folder: string, path: string, digest: string): Promise<boolean> {
    let bytes: Buffer;
    try {
      if ((await stat(join(folder, path))).size > photographBytesMax) return false;
      bytes = await readFile(join(folder, path));
    } catch (error) {
      throw datasetError('photograph-changed', `${path} cannot be read any more`, error);
    }
    if (digestOf(bytes) !== digest)
      throw datasetError('photograph-changed', `${path} was changed during the import`);
    try {
      await this.#blobs.put(bytes);
    } catch (error) {
      throw datasetError('dataset-not-written', `${path} could not be kept`, error);
    }
    return true;
  }
}

/** Some systems write an ä as one character in names of files and others as two, whatever an index does: the disk's way counts. */
function asOnDisk(listed: readonly ListedPhotograph[], files: readonly string[]): ListedPhotograph[] {
  const exact = new Set(files);
  const alike = new Map(files.map((path) => [path.normalize(), path]));
  return listed.map((photograph) => {
    const { path } = photograph;
    return exact.has(path) ? photograph : { ...photograph, path: alike.get(path.normalize()) ?? path };
  });
}

const photographNames = /\.(jpe?g|png|webp|tiff?|avif)$/i;

/** Photographs, by their names, that are not among those listed. */
function countOthers(paths: readonly string[], listed: readonly ListedPhotograph[]): number {
  const named = new Set(listed.map(({ path }) => path));
  return paths.filter((path) => photographNames.test(path) && !/(^|\/)\./.test(path) && !named.has(path))
    .length;
}

/** Every file below a sub-folder has that sub-folder's name as its grade. Hidden files are not photographs. */
async function listByGrade(folder: string): Promise<ListedPhotograph[]> {
  const photographs: ListedPhotograph[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!entry.isDirectory() || entry.name.startsWith('.')) continue;
    for (const path of await filesBelow(folder, entry.name))
      photographs.push({ path, grade: entry.name.trim().toLowerCase(), group: path });
  }
  return photographs;
}

/** Photographs of one folder are a group; those beside the folders are one each, as are all where there is but one folder. */
function listByFolder(paths: readonly string[]): PhotographListing {
  const folderOf = (path: string) => path.slice(0, Math.max(0, path.lastIndexOf('/')));
  const root = paths.length === 0 ? '' : folderOf(paths[0]!);
  const isOneFolder = paths.every((path) => folderOf(path) === root);
  const photographs = paths.map((path) => {
    const group = (!isOneFolder && folderOf(path)) || path;
    return { path, grade: '', group };
  });
  return { photographs, isGrouped: !isOneFolder };
}

/** Of an external disk some folders are not for everybody: where not all are needed, those are passed over. */
async function filesBelow(folder: string, path: string, { isAllNeeded = true } = {}): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await entriesOf(join(folder, path), isAllNeeded)) {
    if (entry.name.startsWith('.')) continue;
    const below = path === '' ? entry.name : `${path}/${entry.name}`;
    if (entry.isDirectory()) found.push(...(await filesBelow(folder, below, { isAllNeeded })));
    else found.push(below);
  }
  return found;
}

async function entriesOf(folder: string, isNeeded: boolean): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    const code = systemErrorCode(error);
    if (!isNeeded && (code === 'EACCES' || code === 'EPERM')) return [];
    throw error;
  }
}
