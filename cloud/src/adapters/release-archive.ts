/**
 * A release as one file for sites without network: a tar of the signed metadata and of the blobs that its manifest names,
 * under the names that they have in a data folder. Nothing in it needs to be believed: all that is read from it is checked
 * against a root that came another way. It is read into memory by name and never unpacked, so no name can lead anywhere.
 */
import { lstat, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { manifestLimits, metadataBytesMax, metadataFilePattern, parseManifest } from '@pomona/release';
import { digestPattern, systemErrorCode } from '@pomona/wire';
import { create, list, type ReadEntry } from 'tar';
import { archiveError } from '../domain/archive-errors.ts';

const blobPath = new RegExp(`^blobs/${digestPattern.slice(1, -1)}$`);
const archiveBytesMax = manifestLimits.releaseBytesMax + 16 * 1024 * 1024;
/** Roots of ten years of monthly rotations, and a release of 32 files. */
const entriesMax = 256;

export type ArchiveFiles = ReadonlyMap<string, Buffer>;

/** The release of that digest. Errors: `archive-exists`, `archive-incomplete`, `archive-unwritable`. */
export async function writeReleaseArchive(file: string, dataFolder: string, digest: string): Promise<void> {
  const paths = [...(await metadataPaths(dataFolder)), ...(await blobPaths(dataFolder, digest))];
  for (const path of paths) {
    if (!(await isThere(join(dataFolder, path))))
      throw archiveError('archive-incomplete', `${path} is not in ${dataFolder}`);
  }
  if (await isThere(file)) throw archiveError('archive-exists', `${file} is there already`);
  // Under its own name only when it is whole: a disk may be full half-way.
  const partial = `${file}.partial`;
  try {
    // The same release gives the same bytes: no owner, no time of this machine.
    const look = { portable: true, mtime: new Date(0), strict: true };
    await create({ file: partial, cwd: dataFolder, ...look }, paths);
    await rename(partial, file);
  } catch (cause) {
    if (systemErrorCode(cause) === undefined) throw cause;
    throw archiveError('archive-unwritable', `cannot write ${file}`, cause);
  } finally {
    await rm(partial, { force: true });
  }
}

/** Every root, since a reader may start at any, and of the rest what the timestamp leads to. */
async function metadataPaths(dataFolder: string): Promise<string[]> {
  const trust = join(dataFolder, 'trust');
  const versionIn = async (name: string, of: string) => {
    const text = await readFile(join(trust, name), 'utf8').catch((cause: unknown) => {
      throw archiveError('archive-incomplete', `cannot read ${join(trust, name)}`, cause);
    });
    const { signed } = JSON.parse(text) as { signed: { meta: Record<string, { version: number }> } };
    return `${signed.meta[`${of}.json`]?.version}.${of}.json`;
  };
  const snapshot = await versionIn('timestamp.json', 'snapshot');
  const targets = await versionIn(snapshot, 'targets');
  const roots = (await readdir(trust)).filter(
    (name) => name.endsWith('.root.json') && metadataFilePattern.test(name),
  );
  return [...roots.sort(), targets, snapshot, 'timestamp.json'].map((name) => `trust/${name}`);
}

async function blobPaths(dataFolder: string, digest: string): Promise<string[]> {
  const bytes = await readFile(join(dataFolder, 'blobs', digest)).catch((cause: unknown) => {
    throw archiveError('archive-incomplete', `there is no manifest ${digest} in ${dataFolder}`, cause);
  });
  return [...new Set([digest, ...parseManifest(bytes).files.map((file) => file.digest)])].map(
    (each) => `blobs/${each}`,
  );
}

/** Errors: `archive-unreadable`, `archive-refused`. */
export async function readReleaseArchive(file: string): Promise<ArchiveFiles> {
  const { size } = await lstat(file).catch((cause: unknown) => {
    throw archiveError('archive-unreadable', `cannot read ${file}`, cause);
  });
  if (size > archiveBytesMax)
    throw archiveError('archive-refused', `${file} has ${size} bytes, at most ${archiveBytesMax} are read`);
  const files = new Map<string, Buffer>();
  let refused: Error | undefined;
  let totalBytes = 0;
  const onReadEntry = (entry: ReadEntry) => {
    totalBytes += entry.size;
    refused ??= faultOf(entry, files, totalBytes);
    if (refused) return void entry.resume();
    const parts: Buffer[] = [];
    files.set(entry.path, Buffer.alloc(0));
    entry.on('data', (part) => void parts.push(Buffer.from(part)));
    entry.on('end', () => void files.set(entry.path, Buffer.concat(parts)));
  };
  try {
    await list({ file, strict: true, onReadEntry });
  } catch (cause) {
    throw refused ?? archiveError('archive-unreadable', `${file} is no tar, or was cut short`, cause);
  }
  if (refused) throw refused;
  return files;
}

function faultOf(
  { path, type, size }: ReadEntry,
  files: ArchiveFiles,
  totalBytes: number,
): Error | undefined {
  const wrong = (why: string) => archiveError('archive-refused', `${path.slice(0, 200)}: ${why}`);
  const [folder, name = ''] = path.split('/');
  const isMetadata = folder === 'trust' && path === `trust/${name}` && metadataFilePattern.test(name);
  if (type !== 'File') return wrong('it is no plain file');
  if (!isMetadata && !blobPath.test(path)) return wrong('a release has no such file');
  if (files.has(path)) return wrong('it is there twice');
  if (files.size >= entriesMax) return wrong(`a release has at most ${entriesMax} files`);
  if (isMetadata && size > metadataBytesMax.targets) return wrong('it is too large');
  if (totalBytes > archiveBytesMax) return wrong('the files together are too large');
  return undefined;
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return false;
    throw error;
  }
}
