/**
 * Unpacks somebody else's ZIP file. Nothing in it is believed: names that lead out of the folder, links and encrypted files are
 * refused, and what is unpacked is bounded in files, in bytes each and together, and in how far it may swell. A file that
 * holds more than it claims ends with an error (`validateEntrySizes`), so what is claimed is what can come out.
 */
import { isUtf8 } from 'node:buffer';
import { createWriteStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { makeFolder } from '@pomona/release';
import { systemErrorCode } from '@pomona/wire';
import { type Entry, openPromise } from 'yauzl';
import { datasetError } from '../../domain/dataset-errors.ts';
import { photographBytesMax } from './inspect-photograph.ts';

export interface UnpackLimits {
  readonly filesMax: number;
  readonly bytesMax: number;
  /** Photographs are compressed already; a table shrinks to a tenth. */
  readonly ratioMax: number;
}

export const unpackLimits: UnpackLimits = { filesMax: 20_000, bytesMax: 4 * 1024 ** 3, ratioMax: 100 };
/** A small file may shrink as it likes. */
const swellFreeBytes = 1024 ** 2;
const nameCharsMax = 400;
const fileTypeMask = 0o170000;
const regularFile = 0o100000;
/** What programs put into archives for themselves. */
const ignored = /(^|\/)(\.|__MACOSX\/|Thumbs\.db$|desktop\.ini$)/;

/**
 * Resolves with the folder in which the photographs are: `folder`, or the one that holds all of the archive.
 * Errors: `zip-invalid`, `zip-too-large`, `dataset-not-written`; the reason of `signal` when aborted.
 */
export async function unpackZip(
  file: string,
  folder: string,
  signal: AbortSignal,
  limits: UnpackLimits = unpackLimits,
): Promise<string> {
  try {
    const zip = await openPromise(file, { autoClose: false, lazyEntries: true });
    try {
      let files = 0;
      let bytes = 0;
      for await (const entry of zip.eachEntry()) {
        signal.throwIfAborted();
        const name = nameOf(entry);
        if (name.endsWith('/') || ignored.test(name)) continue;
        check(entry, name, limits);
        bytes += entry.uncompressedSize;
        if (++files > limits.filesMax)
          throw datasetError('zip-too-large', `the archive has more than ${limits.filesMax} files`);
        if (bytes > limits.bytesMax)
          throw datasetError('zip-too-large', `the archive unpacks to more than ${limits.bytesMax} bytes`);
        const path = join(folder, name);
        await makeFolder(dirname(path));
        await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(path, { flags: 'wx' }), {
          signal,
        });
      }
      return await rootOf(folder);
    } finally {
      zip.close();
    }
  } catch (error) {
    throw asDatasetError(error, signal);
  }
}

const utf8Flag = 0x800;
/** Info-ZIP's Unicode Path Extra Field (APPNOTE 6.3.10, 4.6.9), which yauzl reads. */
const unicodePathField = 0x7075;

/**
 * Many programs write UTF-8 and do not say so, and their umlauts would come out as the box drawings of code page 437, under which no
 * index.csv names them. What is UTF-8 by its bytes is hardly ever anything else. Bytes below 128 are the same in both, so that
 * what yauzl has refused for its slashes and dots stays refused.
 */
function nameOf({ fileName, fileNameRaw, generalPurposeBitFlag, extraFields }: Entry): string {
  const isTold =
    (generalPurposeBitFlag & utf8Flag) !== 0 || extraFields.some(({ id }) => id === unicodePathField);
  if (isTold || !isUtf8(fileNameRaw)) return fileName;
  return fileNameRaw.toString('utf8').replaceAll('\\', '/');
}

/** yauzl has refused absolute names, `..` and drive letters before, and made `/` of `\`. */
function check(entry: Entry, name: string, { ratioMax }: UnpackLimits): void {
  const { uncompressedSize: bytes, compressedSize } = entry;
  const shown = name.slice(0, 80);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for.
  if (name.length > nameCharsMax || /[\x00-\x1f\x7f]/.test(name))
    throw datasetError(
      'zip-invalid',
      `the name ${JSON.stringify(shown)} is too long or has control characters`,
    );
  if (entry.isEncrypted()) throw datasetError('zip-invalid', `${shown} is encrypted`);
  const type = (entry.externalFileAttributes >>> 16) & fileTypeMask;
  if (type !== 0 && type !== regularFile)
    throw datasetError('zip-invalid', `${shown} is a link or a special file`);
  if (bytes > photographBytesMax)
    throw datasetError('zip-too-large', `${shown} has ${bytes} bytes, a file may have ${photographBytesMax}`);
  if (bytes > swellFreeBytes && bytes > ratioMax * compressedSize)
    throw datasetError('zip-too-large', `${shown} would swell to more than ${ratioMax} times its size`);
}

/** People pack the folder itself as often as what is in it. */
async function rootOf(folder: string): Promise<string> {
  const [only, ...others] = await readdir(folder, { withFileTypes: true });
  if (only === undefined || others.length > 0 || !only.isDirectory()) return folder;
  const inside = await readdir(join(folder, only.name), { withFileTypes: true });
  const isRoot = inside.some((each) => each.isDirectory() || each.name === 'index.csv');
  return isRoot ? join(folder, only.name) : folder;
}

function asDatasetError(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  const code = systemErrorCode(error);
  if (!(error instanceof Error) || ('hint' in error && 'retryable' in error)) return error;
  if (code === 'EEXIST' || code === 'ENOTDIR' || code === 'EISDIR' || code === 'ENAMETOOLONG')
    return datasetError(
      'zip-invalid',
      `two files of the archive want one name, or a name is too long (${code})`,
    );
  if (code?.startsWith('E') && !code.startsWith('ERR_'))
    return datasetError('dataset-not-written', `the archive could not be unpacked: ${error.message}`, error);
  // What is left is what yauzl and zlib say of the bytes.
  return datasetError('zip-invalid', `the archive cannot be read: ${error.message}`, error);
}
