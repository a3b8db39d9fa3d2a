import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  checkChunk,
  chunkRange,
  digestOf,
  type Manifest,
  parseManifest,
  TrustedReleases,
} from '@pomona/release';
import { isAppError, type ReleaseRef } from '@pomona/wire';
import { archiveError } from '../domain/archive-errors.ts';
import type { ArchiveFiles } from './release-archive.ts';

export interface VerifiedArchive {
  readonly release: ReleaseRef;
  readonly manifest: Manifest;
  readonly manifestBytes: Buffer;
  /** By name in the manifest. */
  readonly contents: ReadonlyMap<string, Buffer>;
  /** When the list that names it was last vouched for; such a file is carried about, so age alone refuses nothing. */
  readonly signedAt: string;
}

/**
 * Checks everything in the file against a root that the caller trusts, as a station would, and each chunk of each file.
 * Errors: `root-unreadable`, `archive-untrusted`, `archive-incomplete`, `archive-refused`, and those of `parseManifest`.
 */
export async function verifyArchive(files: ArchiveFiles, rootJson: string): Promise<VerifiedArchive> {
  if (!isRoot(rootJson))
    throw archiveError('root-unreadable', 'what was named as the root is no root metadata');
  const named = namedRelease(files);
  const missing: string[] = [];
  const folder = await mkdtemp(join(tmpdir(), 'pomona-verify-'));
  try {
    const trusted = new TrustedReleases({
      folder,
      rootJson,
      fetchFile: async (path) => {
        const name = path.replace(/^metadata\//, 'trust/');
        // A root after the last one is asked for each time.
        if (!files.has(name) && !name.endsWith('.root.json')) missing.push(name);
        return files.get(name);
      },
      // Long ago: a release does not expire in a drawer. Who imports it decides whether it is recent enough.
      nowMs: () => 0,
    });
    const { bytes, signedAtMs } = await trusted.findManifest(named).catch((error: unknown) => {
      // What `TrustedReleases` says is for a station and its control plane.
      if (!isAppError(error)) throw error;
      if (missing[0] !== undefined)
        throw archiveError('archive-incomplete', `${missing[0]} is missing`, error.cause);
      const why = `what is in the file is not proven by this root: ${error.message}`;
      throw archiveError('archive-untrusted', why, error.cause);
    });
    const manifest = parseManifest(bytes);
    if (manifest.name !== named.name || manifest.version !== named.version)
      throw archiveError('archive-refused', `its manifest says ${manifest.name}@${manifest.version}`);
    const contents = new Map(manifest.files.map((file) => [file.name, contentOf(files, file)]));
    return {
      release: named,
      manifest,
      manifestBytes: bytes,
      contents,
      signedAt: new Date(signedAtMs).toISOString(),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Whether it looks like one; what it is worth shows when it is used. */
function isRoot(rootJson: string): boolean {
  try {
    const root = JSON.parse(rootJson) as { signed?: { _type?: unknown } } | null;
    return root?.signed?._type === 'root';
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

/** The release whose manifest is in the file, as its list says; whether the list is genuine is checked afterwards. */
function namedRelease(files: ArchiveFiles): ReleaseRef {
  for (const [path, bytes] of files) {
    if (!/^trust\/\d+\.targets\.json$/.test(path)) continue;
    for (const [target, digest] of targetsIn(bytes)) {
      const [, name = '', version = ''] = /^releases\/([^/]+)\/(\d+)\.json$/.exec(target) ?? [];
      if (files.has(`blobs/${digest}`)) return { name, version: Number(version), digest };
    }
  }
  throw archiveError('archive-incomplete', 'no list in the file names a manifest that is in it');
}

function targetsIn(bytes: Buffer): [string, string][] {
  try {
    const { signed } = JSON.parse(bytes.toString()) as {
      signed?: { targets?: Record<string, { hashes?: { sha256?: string } }> };
    };
    return Object.entries(signed?.targets ?? {}).map(([path, { hashes }]) => [path, String(hashes?.sha256)]);
  } catch (cause) {
    throw archiveError('archive-refused', 'its list of releases is not JSON of the right form', cause);
  }
}

function contentOf(files: ArchiveFiles, file: Manifest['files'][number]): Buffer {
  const bytes = files.get(`blobs/${file.digest}`);
  if (!bytes) throw archiveError('archive-incomplete', `${file.name} is missing`);
  if (bytes.byteLength !== file.bytes || digestOf(bytes) !== file.digest)
    throw archiveError('archive-refused', `${file.name} is not the one that was signed`);
  file.chunks.forEach((_, index) => {
    const { start, end } = chunkRange(file, index);
    checkChunk(file, index, bytes.subarray(start, end));
  });
  return bytes;
}
