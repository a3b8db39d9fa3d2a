/**
 * The metadata of a trust repository on disk. A publication writes new versions of targets and snapshot first and
 * `timestamp.json` last. That last rename is the commit: whatever a crash leaves before it is named by nothing, and is
 * overwritten by the next publication. A change of keys writes the new root before the timestamp; a crash between the two
 * leaves the waiting change in its file, and it is applied again by whoever opens the repository next.
 */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '@pomona/wire';
import { Metadata, MetadataKind, type MetaFile, Root, Snapshot, Targets, Timestamp } from '@tufjs/models';
import { readIfPresent, writeFileDurably } from './durable-file.ts';
import { releaseError } from './release-errors.ts';
import { canSign, type LocalKey, openRoleKey, signersOf } from './trust-keys.ts';
import {
  metadataBytesMax,
  metadataFileOf,
  metadataFilePattern,
  signedAtField,
  type TrustRole,
  trustRoles,
} from './trust-metadata.ts';
import {
  addSignatures,
  encodeMetadata,
  metaFileOf,
  parseMetadata,
  type Signable,
  trustKeyOf,
} from './trust-signing.ts';

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
const onlineRoles = ['snapshot', 'timestamp'] as const;

export interface Live {
  readonly root: Metadata<Root>;
  readonly targets: Metadata<Targets>;
  readonly snapshot: Snapshot;
  readonly timestamp: Timestamp;
}

export class MetadataFolder {
  readonly #folder: string;
  readonly #keys: readonly LocalKey[];
  readonly #clock: Clock;

  constructor(folder: string, keys: readonly LocalKey[], clock: Clock) {
    this.#folder = folder;
    this.#keys = keys;
    this.#clock = clock;
  }

  /** Undefined when nothing was ever committed. Throws `trust-repository`. */
  async load(): Promise<Live | undefined> {
    const timestampBytes = await readIfPresent(join(this.#folder, metadataFileOf('timestamp', 1)));
    if (!timestampBytes) return undefined;
    try {
      const timestamp = parseMetadata(MetadataKind.Timestamp, timestampBytes).signed;
      const snapshot = parseMetadata(
        MetadataKind.Snapshot,
        await this.#read('snapshot', timestamp.snapshotMeta.version),
      ).signed;
      const targetsMeta = snapshot.meta['targets.json'];
      if (!targetsMeta) throw new Error('the snapshot names no targets');
      const targets = parseMetadata(MetadataKind.Targets, await this.#read('targets', targetsMeta.version));
      const root = parseMetadata(MetadataKind.Root, await this.#read('root', await this.#newestRoot()));
      this.checkOnlineKeys(root.signed);
      return { root, targets, snapshot, timestamp };
    } catch (cause) {
      throw releaseError('trust-repository', `the trust metadata in ${this.#folder} cannot be used`, {
        cause,
      });
    }
  }

  /** All four roles with one key each, made here. */
  static async create(folder: string, keysFolder: string, clock: Clock): Promise<MetadataFolder> {
    const keys = await Promise.all(trustRoles.map((role) => openRoleKey(keysFolder, role)));
    const store = new MetadataFolder(folder, keys, clock);
    const expires = store.expiry('root');
    const root = new Root({ version: 1, specVersion, expires, consistentSnapshot: true });
    trustRoles.forEach((role, i) => void root.addKey(trustKeyOf(keys[i]!.key), role));
    const signedRoot = store.sign('root', root, new Metadata(root));
    await store.#write('root', signedRoot);
    const targets = new Targets({ version: 1, specVersion, expires: store.expiry('targets') });
    await store.commit(signedRoot, store.sign('targets', root, new Metadata(targets)));
    return store;
  }

  canSign(root: Root, role: TrustRole): boolean {
    return canSign(root, role, this.#keys);
  }

  /** Adds the signatures of the keys that are here and that `root` names for the role. */
  sign<T extends Signable>(role: TrustRole, root: Root, metadata: Metadata<T>): Metadata<T> {
    return addSignatures(metadata, signersOf(root, role, this.#keys));
  }

  /** The list of releases after the one that stands, unsigned. */
  nextTargets(live: Live, targets: Targets['targets']): Metadata<Targets> {
    const version = live.targets.signed.version + 1;
    return new Metadata(
      new Targets({ version, specVersion, expires: this.expiry('targets'), targets: { ...targets } }),
    );
  }

  /**
   * A new timestamp, and anew whatever has lived half of its life and can be signed here. Neither root nor targets while a
   * change of them waits: it is numbered as their successor, and a renewal with that number would be taken for it.
   */
  async renew(live: Live, isChangeWaiting: boolean): Promise<void> {
    let { root } = live;
    const isDue = (role: 'root' | 'targets', signed: Signable) =>
      !isChangeWaiting && this.#isHalfSpent(role, signed) && this.canSign(root.signed, role);
    if (isDue('root', root.signed)) {
      const { keys, roles, version } = root.signed;
      const next = { version: version + 1, specVersion, expires: this.expiry('root') };
      root = new Metadata(new Root({ ...next, keys, roles, consistentSnapshot: true }));
      await this.#write('root', this.sign('root', root.signed, root));
    }
    const renewed = { ...live, root };
    if (isDue('targets', live.targets.signed)) {
      const targets = this.nextTargets(live, live.targets.signed.targets);
      await this.commit(root, this.sign('targets', root.signed, targets), renewed);
    } else if (this.#isHalfSpent('snapshot', live.snapshot)) {
      await this.commit(root, undefined, renewed);
    } else {
      await this.#writeTimestamp(root, live.timestamp.version + 1, live.timestamp.snapshotMeta);
    }
  }

  /**
   * Writes targets, then the snapshot that names them, then `root` if it is another than the one of `live`, then the timestamp
   * that names the snapshot. Without targets those of `live` stay.
   */
  async commit(root: Metadata<Root>, targets: Metadata<Targets> | undefined, live?: Live): Promise<void> {
    const targetsMeta = targets
      ? metaFileOf(targets.signed.version, await this.#write('targets', targets))
      : live!.snapshot.meta['targets.json']!;
    const snapshot = new Snapshot({
      version: (live?.snapshot.version ?? 0) + 1,
      specVersion,
      expires: this.expiry('snapshot'),
      meta: { 'targets.json': targetsMeta },
    });
    const signedSnapshot = this.sign('snapshot', root.signed, new Metadata(snapshot));
    const snapshotMeta = metaFileOf(snapshot.version, await this.#write('snapshot', signedSnapshot));
    if (live && root.signed.version !== live.root.signed.version) await this.#write('root', root);
    await this.#writeTimestamp(root, (live?.timestamp.version ?? 0) + 1, snapshotMeta);
    await this.#prune(targetsMeta.version, snapshot.version);
  }

  /** Throws when the control plane could not go on alone with that root. */
  checkOnlineKeys(root: Root): void {
    for (const role of onlineRoles) {
      if (!this.canSign(root, role))
        throw releaseError(
          'trust-change-invalid',
          `the control plane has not the keys that the root metadata names for ${role}`,
        );
    }
  }

  expiry(role: TrustRole): string {
    // Whole seconds: the specification's date format has no fraction (4.2).
    return new Date(this.#clock.nowMs() + lifeDays[role] * dayMs).toISOString().replace(/\.\d+Z$/, 'Z');
  }

  async #writeTimestamp(root: Metadata<Root>, version: number, snapshotMeta: MetaFile): Promise<void> {
    const timestamp = new Timestamp({
      version,
      specVersion,
      expires: this.expiry('timestamp'),
      snapshotMeta,
      unrecognizedFields: { [signedAtField]: new Date(this.#clock.nowMs()).toISOString() },
    });
    await this.#write('timestamp', this.sign('timestamp', root.signed, new Metadata(timestamp)));
  }

  async #write(role: TrustRole, metadata: Metadata<Signable>): Promise<Buffer> {
    const bytes = encodeMetadata(metadata);
    if (bytes.byteLength > metadataBytesMax[role]) {
      const message = `${role} metadata has ${bytes.byteLength} bytes, devices read at most ${metadataBytesMax[role]}`;
      throw releaseError('trust-repository', message);
    }
    await writeFileDurably(join(this.#folder, metadataFileOf(role, metadata.signed.version)), bytes);
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

  #isHalfSpent(role: TrustRole, signed: Signable): boolean {
    return Date.parse(signed.expires) - this.#clock.nowMs() < (lifeDays[role] * dayMs) / 2;
  }
}
