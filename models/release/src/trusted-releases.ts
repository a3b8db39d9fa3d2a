/**
 * The device's side of trust: asks tuf-js whether a release's manifest is one that the control plane signed, by the
 * client workflow of the TUF specification (section 5).
 *
 * The metadata arrives over whatever the caller fetches with. tuf-js writes what it has verified in place, which a power
 * cut may tear; so it works on a copy, and the copy is taken over file by file, each durably. A torn root would lock
 * the device out; should one be found, the root of the enrolment is where trust starts again.
 */
import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isAppError, type ReleaseRef, systemErrorCode } from '@pomona/wire';
import { type Metadata, MetadataKind, type Root, type Timestamp } from '@tufjs/models';
import type { Fetcher, Updater } from 'tuf-js';
import {
  BadVersionError,
  DownloadHTTPError,
  DownloadLengthMismatchError,
  ExpiredMetadataError,
} from 'tuf-js/dist/error.js';
import { digestOf } from './digest.ts';
import { readIfPresent, writeFileDurably } from './durable-file.ts';
import { makeFolder } from './make-folder.ts';
import { manifestLimits } from './manifest.ts';
import { releaseError } from './release-errors.ts';
import { metadataBytesMax, signedAtField, targetPathOf, trustRoles } from './trust-metadata.ts';
import { isSignedFor, parseMetadata } from './trust-signing.ts';

/**
 * Gets a file of the control plane, `metadata/<file>` or `blobs/<digest>`: its bytes, or undefined when there is no
 * such file. Must stop when more than `maxBytes` arrive, and fail rather than wait for ever.
 */
export type FetchFile = (path: string, maxBytes: number) => Promise<Uint8Array | undefined>;

export interface TrustedReleasesOptions {
  /** Where verified metadata is kept. */
  readonly folder: string;
  /** Root metadata that came with the enrolment, JSON text. */
  readonly rootJson: string;
  readonly fetchFile: FetchFile;
  /**
   * The time that expiry is judged by, ms since 1970. A device whose clock may be wrong gives the later of its clock and
   * the floor that it keeps on disk. The time that the last verified timestamp was signed at is a floor in any case.
   */
  readonly nowMs: () => number;
}

export interface VerifiedManifest {
  readonly bytes: Buffer;
  readonly digest: string;
  /** When the control plane signed the timestamp that vouches for it, ms since 1970: a new floor of the time. */
  readonly signedAtMs: number;
}

const workPrefix = 'work-';

export class TrustedReleases {
  readonly #options: TrustedReleasesOptions;
  readonly #folder: string;

  constructor(options: TrustedReleasesOptions) {
    this.#options = options;
    // By the root of the enrolment: what was learnt from one control plane says nothing about another.
    this.#folder = join(options.folder, digestOf(Buffer.from(options.rootJson)).slice(0, 16));
  }

  /**
   * The bytes of the manifest of a release, proven to be listed by the control plane and to have the digest that the
   * reference names. Throws `trust-unreachable` (retryable), `trust-expired`, `trust-rollback`, `trust-refused`,
   * `release-unknown` or `release-differs`. One call at a time.
   */
  async findManifest(release: ReleaseRef): Promise<VerifiedManifest> {
    const { target, signedAtMs } = await this.#findTarget(targetPathOf(release));
    const name = `${release.name} ${release.version}`;
    if (!target) throw releaseError('release-unknown', `${name} is not on the signed list`);
    const digest = target.hashes.sha256;
    if (digest !== release.digest)
      throw releaseError('release-differs', `the signed list has another digest for ${name}`);
    if (target.length > manifestLimits.manifestBytesMax)
      throw releaseError('manifest-oversized', `the manifest of ${name} has ${target.length} bytes`);
    const bytes = await this.#options.fetchFile(`blobs/${digest}`, target.length);
    if (!bytes)
      throw releaseError('trust-unreachable', `the manifest of ${name} is not there`, { retryable: true });
    if (bytes.byteLength !== target.length || digestOf(bytes) !== digest)
      throw releaseError('trust-refused', `the manifest of ${name} is not the one that was signed`);
    return { bytes: Buffer.from(bytes), digest, signedAtMs };
  }

  async #findTarget(path: string) {
    await makeFolder(this.#folder);
    // Left behind where the power went.
    for (const name of await readdir(this.#folder))
      if (name.startsWith(workPrefix)) await rm(join(this.#folder, name), { recursive: true, force: true });
    const work = await mkdtemp(join(this.#folder, workPrefix));
    const fetcher = new FileFetcher(this.#options.fetchFile);
    try {
      await this.#prepare(work);
      // Loaded only now: with what it would fetch by itself it is half of what an agent loads to start.
      const { Updater } = await import('tuf-js');
      const updater = new Updater({
        metadataDir: work,
        metadataBaseUrl: 'pomona:///metadata',
        fetcher,
        config: {
          rootMaxLength: metadataBytesMax.root,
          targetsMaxLength: metadataBytesMax.targets,
          snapshotMaxLength: metadataBytesMax.snapshot,
          timestampMaxLength: metadataBytesMax.timestamp,
        },
      });
      await this.#setTime(updater, await readIfPresent(join(work, 'timestamp.json')));
      const target = await updater.getTargetInfo(path);
      return { target, signedAtMs: signedAt(await readIfPresent(join(work, 'timestamp.json'))) };
    } catch (error) {
      throw explain(error, fetcher.failure);
    } finally {
      await this.#keep(work);
      await rm(work, { recursive: true, force: true });
    }
  }

  /**
   * tuf-js reads the machine's clock and offers no other way to say what time it is. The floor counts only while its key
   * does: a stolen key could have put it beyond the end of everything, and revoking that key must heal it (TUF
   * specification, 5.3.11). So the roots come first, which nothing about the time can stop.
   */
  async #setTime(updater: Updater, kept: Buffer | undefined): Promise<void> {
    // biome-ignore-start lint/complexity/useLiteralKeys: only in brackets does TypeScript let private members be used
    await updater['loadRoot']();
    const trusted = updater['trustedSet'];
    const floorMs = kept && isSignedBy(trusted['root'], kept) ? signedAt(kept) : 0;
    trusted['referenceTime'] = new Date(Math.max(this.#options.nowMs(), floorMs));
    // biome-ignore-end lint/complexity/useLiteralKeys: as above
  }

  async #prepare(work: string): Promise<void> {
    const { rootJson } = this.#options;
    for (const role of trustRoles) {
      try {
        await copyFile(join(this.#folder, `${role}.json`), join(work, `${role}.json`));
      } catch (error) {
        if (systemErrorCode(error) !== 'ENOENT') throw error;
      }
    }
    const root = await readIfPresent(join(work, 'root.json'));
    if (!root || !isWholeRoot(root)) await writeFileDurably(join(work, 'root.json'), rootJson);
  }

  /** Takes over what tuf-js has verified, in its order: also when a later step was refused. */
  async #keep(work: string): Promise<void> {
    for (const name of ['root.json', 'timestamp.json', 'snapshot.json', 'targets.json']) {
      const bytes = await readIfPresent(join(work, name));
      const kept = join(this.#folder, name);
      if (bytes && !(await readIfPresent(kept))?.equals(bytes)) await writeFileDurably(kept, bytes);
    }
  }
}

/** What tuf-js fetches with. Remembers why it failed, since tuf-js passes on no more than the text of some errors. */
class FileFetcher implements Fetcher {
  failure: unknown;
  readonly #fetchFile: FetchFile;
  /** tuf-js looks for newer roots a second time. */
  readonly #absent = new Set<string>();

  constructor(fetchFile: FetchFile) {
    this.#fetchFile = fetchFile;
  }

  async downloadBytes(url: string, maxLength: number): Promise<Buffer> {
    const path = new URL(url).pathname.slice(1);
    let bytes: Uint8Array | undefined;
    try {
      if (!this.#absent.has(path)) bytes = await this.#fetchFile(path, maxLength);
    } catch (error) {
      this.failure = error;
      throw error;
    }
    if (!bytes) {
      this.#absent.add(path);
      throw new DownloadHTTPError(`${path} is not there`, 404);
    }
    if (bytes.byteLength > maxLength)
      throw new DownloadLengthMismatchError(`${path} has more than ${maxLength} bytes`);
    return Buffer.from(bytes);
  }

  downloadFile<T>(): Promise<T> {
    throw new Error('targets are not fetched by tuf-js here');
  }
}

function explain(error: unknown, fetchFailure: unknown): Error {
  if (fetchFailure !== undefined) {
    if (isAppError(fetchFailure)) return fetchFailure;
    return releaseError('trust-unreachable', 'the trust metadata could not be fetched', {
      cause: fetchFailure,
      retryable: true,
    });
  }
  if (!(error instanceof Error)) throw error;
  const options = { cause: error };
  // Where tuf-js wraps an error it keeps the text alone, and its words are all there is to tell them apart.
  if (error instanceof ExpiredMetadataError || /is expired/.test(error.message))
    return releaseError('trust-expired', error.message, options);
  if (error instanceof BadVersionError || /less than current version/.test(error.message))
    return releaseError('trust-rollback', error.message, options);
  if (error instanceof DownloadHTTPError)
    return releaseError('trust-unreachable', error.message, { ...options, retryable: true });
  return releaseError('trust-refused', error.message, options);
}

function isWholeRoot(bytes: Buffer): boolean {
  const root = unlessTorn(() => parseMetadata(MetadataKind.Root, bytes));
  return root !== undefined && isSignedFor(root, 'root', root);
}

function isSignedBy(root: Metadata<Root>, bytes: Buffer): boolean {
  const timestamp = readTimestamp(bytes);
  return timestamp !== undefined && isSignedFor(root, 'timestamp', timestamp);
}

/** When a verified timestamp says that it was signed; 0 when there is none or it does not say. */
function signedAt(bytes: Buffer | undefined): number {
  const at = bytes && readTimestamp(bytes)?.signed.unrecognizedFields[signedAtField];
  const ms = typeof at === 'string' ? Date.parse(at) : Number.NaN;
  return Number.isFinite(ms) ? ms : 0;
}

function readTimestamp(bytes: Buffer): Metadata<Timestamp> | undefined {
  return unlessTorn(() => parseMetadata(MetadataKind.Timestamp, bytes));
}

function unlessTorn<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}
