/**
 * The control plane's side of trust: keeps the metadata of `trust-metadata.ts` in a folder that may be served to
 * anyone, and the four private keys in another that may not.
 *
 * A publication writes new versions of targets and snapshot first and `timestamp.json` last. That last rename is the
 * commit: whatever a crash leaves before it is named by nothing, and is overwritten by the next publication.
 */
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, ReleaseRef } from '@pomona/wire';
import { Metadata, MetadataKind, Root, Snapshot, TargetFile, Targets, Timestamp } from '@tufjs/models';
import { digestOf } from './digest.ts';
import { readIfPresent, writeFileDurably } from './durable-file.ts';
import { underFileLock } from './file-lock.ts';
import { releaseError } from './release-errors.ts';
import { openSigningKey } from './signing-key.ts';
import {
  metadataBytesMax,
  metadataFileOf,
  metadataFilePattern,
  signedAtField,
  type TrustRole,
  targetPathOf,
  trustRoles,
  versionInPath,
} from './trust-metadata.ts';
import { metaFileOf, type Signable, signMetadata, type TrustKeys, trustKeyOf } from './trust-signing.ts';

const specVersion = '1.0.31';
const dayMs = 86_400_000;
/** Only the timestamp guards against a frozen view of the world; it is renewed at every start and every day. */
const lifeDays: Readonly<Record<TrustRole, number>> = {
  root: 3650,
  targets: 730,
  snapshot: 730,
  timestamp: 30,
};
/** A device may be in the middle of reading a version that has just been replaced. */
const versionsKept = 20;

export interface TrustRepositoryOptions {
  /** Metadata; may be served. */
  readonly folder: string;
  /** Private keys `trust-<role>.pem`, mode 0600; never served. */
  readonly keysFolder: string;
  readonly clock: Clock;
}

export interface TrustRepository {
  /** The newest root metadata as JSON text: what a device gets when it is enrolled. */
  rootJson(): string;
  /** Lists the manifest under `releases/<name>/<version>.json`. Again with the same bytes: nothing happens. */
  publishManifest(release: Pick<ReleaseRef, 'name' | 'version'>, manifest: Uint8Array): Promise<void>;
  /** The highest version of that name that was ever published; 0 when none was. */
  newestVersion(name: string): Promise<number>;
  /** Signs a new timestamp, and anew whatever has lived half of its life. */
  refresh(): Promise<void>;
  /** A file that devices may have, or undefined. Any other name is undefined too. */
  readMetadata(file: string): Promise<Buffer | undefined>;
}

interface Live {
  readonly root: Root;
  readonly targets: Targets;
  readonly snapshot: Snapshot;
  readonly timestamp: Timestamp;
}

/** Opens the repository, or makes it. Refreshes it. Throws `trust-repository` when keys and metadata do not fit, `trust-repository-busy`. */
export async function openTrustRepository(options: TrustRepositoryOptions): Promise<TrustRepository> {
  const { folder, keysFolder, clock } = options;
  await mkdir(folder, { recursive: true });
  await mkdir(keysFolder, { recursive: true, mode: 0o700 });
  let rootJson = '';
  /** Other processes publish too: what counts is what is on disk, and nobody else writes meanwhile. */
  const change = async (work: (store: MetadataFolder, live: Live) => Promise<unknown>): Promise<void> => {
    const done = await underFileLock(join(keysFolder, 'trust.lock'), async () => {
      const store = new MetadataFolder(folder, await openTrustKeys(keysFolder), clock);
      await work(store, (await store.load()) ?? (await store.create()));
      rootJson = store.rootJson;
    });
    if (!done)
      throw releaseError('trust-repository-busy', `another process holds ${keysFolder}`, { retryable: true });
  };
  const refresh = () => change((store, live) => store.renew(live));
  await refresh();
  return {
    rootJson: () => rootJson,
    refresh,
    publishManifest: (release, manifest) =>
      change((store, live) => store.publish(live, targetPathOf(release), manifest)),
    newestVersion: async (name) => {
      let newest = 0;
      await change(async (_, { targets }) => {
        const versions = Object.keys(targets.targets).map((path) => versionInPath(path, name));
        newest = Math.max(0, ...versions);
      });
      return newest;
    },
    readMetadata: (file) =>
      metadataFilePattern.test(file) ? readIfPresent(join(folder, file)) : Promise.resolve(undefined),
  };
}

async function openTrustKeys(keysFolder: string): Promise<TrustKeys> {
  const [root, targets, snapshot, timestamp] = await Promise.all(
    trustRoles.map((role) => openSigningKey(join(keysFolder, `trust-${role}.pem`))),
  );
  return { root: root!, targets: targets!, snapshot: snapshot!, timestamp: timestamp! };
}

class MetadataFolder {
  rootJson = '';
  readonly #folder: string;
  readonly #keys: TrustKeys;
  readonly #clock: Clock;

  constructor(folder: string, keys: TrustKeys, clock: Clock) {
    this.#folder = folder;
    this.#keys = keys;
    this.#clock = clock;
  }

  /** Undefined when nothing was ever committed. */
  async load(): Promise<Live | undefined> {
    const timestampBytes = await readIfPresent(join(this.#folder, metadataFileOf('timestamp', 1)));
    if (!timestampBytes) return undefined;
    try {
      const timestamp = parse(MetadataKind.Timestamp, timestampBytes).signed;
      const snapshot = parse(
        MetadataKind.Snapshot,
        await this.#read('snapshot', timestamp.snapshotMeta.version),
      ).signed;
      const targetsMeta = snapshot.meta['targets.json'];
      if (!targetsMeta) throw new Error('the snapshot names no targets');
      const targets = parse(MetadataKind.Targets, await this.#read('targets', targetsMeta.version)).signed;
      const root = parse(MetadataKind.Root, await this.#read('root', await this.#newestRoot()));
      this.#checkKeys(root.signed);
      this.rootJson = JSON.stringify(root.toJSON());
      return { root: root.signed, targets, snapshot, timestamp };
    } catch (cause) {
      throw releaseError('trust-repository', `the trust metadata in ${this.#folder} cannot be used`, {
        cause,
      });
    }
  }

  async create(): Promise<Live> {
    const root = new Root({
      version: 1,
      specVersion,
      expires: this.#expiry('root'),
      consistentSnapshot: true,
    });
    for (const role of trustRoles) root.addKey(trustKeyOf(this.#keys[role]), role);
    await this.#writeRoot(root);
    const targets = new Targets({ version: 1, specVersion, expires: this.#expiry('targets') });
    return this.#commit(root, targets, 0, 0);
  }

  async publish(live: Live, path: string, bytes: Uint8Array): Promise<Live> {
    const digest = digestOf(bytes);
    const known = live.targets.targets[path];
    if (known?.hashes.sha256 === digest) return live;
    if (known) throw releaseError('release-differs', `${path} was published before with another content`);
    const target = new TargetFile({ path, length: bytes.byteLength, hashes: { sha256: digest } });
    return this.#commitTargets(live, { ...live.targets.targets, [path]: target });
  }

  async renew(live: Live): Promise<Live> {
    let { root } = live;
    if (this.#isHalfSpent('root', root)) {
      const { keys, roles } = root;
      const next = { version: root.version + 1, specVersion, expires: this.#expiry('root') };
      root = new Root({ ...next, keys, roles, consistentSnapshot: true });
      await this.#writeRoot(root);
    }
    if (this.#isHalfSpent('targets', live.targets) || this.#isHalfSpent('snapshot', live.snapshot))
      return this.#commitTargets({ ...live, root }, live.targets.targets);
    const timestamp = this.#timestampOf(live.timestamp.version + 1, live.timestamp.snapshotMeta);
    await this.#write('timestamp', timestamp);
    return { ...live, root, timestamp };
  }

  #commitTargets(live: Live, targets: Targets['targets']): Promise<Live> {
    const version = live.targets.version + 1;
    const next = new Targets({ version, specVersion, expires: this.#expiry('targets'), targets });
    return this.#commit(live.root, next, live.snapshot.version, live.timestamp.version);
  }

  /** Writes targets, then the snapshot that names them, then the timestamp that names the snapshot. */
  async #commit(
    root: Root,
    targets: Targets,
    snapshotVersion: number,
    timestampVersion: number,
  ): Promise<Live> {
    const targetsMeta = metaFileOf(targets.version, await this.#write('targets', targets));
    const snapshot = new Snapshot({
      version: snapshotVersion + 1,
      specVersion,
      expires: this.#expiry('snapshot'),
      meta: { 'targets.json': targetsMeta },
    });
    const snapshotMeta = metaFileOf(snapshot.version, await this.#write('snapshot', snapshot));
    const timestamp = this.#timestampOf(timestampVersion + 1, snapshotMeta);
    await this.#write('timestamp', timestamp);
    await this.#prune(targets.version, snapshot.version);
    return { root, targets, snapshot, timestamp };
  }

  #timestampOf(version: number, snapshotMeta: Timestamp['snapshotMeta']): Timestamp {
    return new Timestamp({
      version,
      specVersion,
      expires: this.#expiry('timestamp'),
      snapshotMeta,
      unrecognizedFields: { [signedAtField]: new Date(this.#clock.nowMs()).toISOString() },
    });
  }

  async #writeRoot(root: Root): Promise<void> {
    this.rootJson = (await this.#write('root', root)).toString();
  }

  async #write(role: TrustRole, signed: Signable): Promise<Buffer> {
    const bytes = signMetadata(signed, this.#keys[role]);
    if (bytes.byteLength > metadataBytesMax[role]) {
      const message = `${role} metadata has ${bytes.byteLength} bytes, devices read at most ${metadataBytesMax[role]}`;
      throw releaseError('trust-repository', message);
    }
    await writeFileDurably(join(this.#folder, metadataFileOf(role, signed.version)), bytes);
    return bytes;
  }

  async #read(role: TrustRole, version: number): Promise<Buffer> {
    const name = metadataFileOf(role, version);
    const bytes = await readIfPresent(join(this.#folder, name));
    if (!bytes) throw new Error(`${name} is missing`);
    return bytes;
  }

  async #newestRoot(): Promise<number> {
    const versions = (await readdir(this.#folder)).flatMap((name) =>
      name.endsWith('.root.json') && metadataFilePattern.test(name) ? [Number.parseInt(name, 10)] : [],
    );
    return Math.max(1, ...versions);
  }

  async #prune(targetsVersion: number, snapshotVersion: number): Promise<void> {
    const newest = { targets: targetsVersion, snapshot: snapshotVersion } as const;
    for (const role of ['targets', 'snapshot'] as const) {
      const version = newest[role] - versionsKept;
      if (version > 0) await rm(join(this.#folder, metadataFileOf(role, version)), { force: true });
    }
  }

  #checkKeys(root: Root): void {
    for (const role of trustRoles) {
      if (!root.roles[role]?.keyIDs.includes(trustKeyOf(this.#keys[role]).keyID))
        throw new Error(`the ${role} key is not the one that the root metadata names`);
    }
  }

  #expiry(role: TrustRole): string {
    // Whole seconds: the specification's date format has no fraction (4.2).
    return new Date(this.#clock.nowMs() + lifeDays[role] * dayMs).toISOString().replace(/\.\d+Z$/, 'Z');
  }

  #isHalfSpent(role: TrustRole, signed: Signable): boolean {
    return Date.parse(signed.expires) - this.#clock.nowMs() < (lifeDays[role] * dayMs) / 2;
  }
}

function parse(kind: MetadataKind.Root, bytes: Buffer): Metadata<Root>;
function parse(kind: MetadataKind.Targets, bytes: Buffer): Metadata<Targets>;
function parse(kind: MetadataKind.Snapshot, bytes: Buffer): Metadata<Snapshot>;
function parse(kind: MetadataKind.Timestamp, bytes: Buffer): Metadata<Timestamp>;
function parse(kind: MetadataKind, bytes: Buffer): unknown {
  const value: unknown = JSON.parse(bytes.toString());
  return Metadata.fromJSON(kind as MetadataKind.Root, value as Parameters<typeof Metadata.fromJSON>[1]);
}
