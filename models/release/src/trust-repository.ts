/**
 * The control plane's side of trust: keeps the metadata of `trust-metadata.ts` in a folder that may be served to
 * anyone, and private keys in another that may not. Keys of root and targets may be elsewhere; what needs them waits in
 * `waiting-change.json` beside the keys until enough of them have signed (`trust-plan.ts`).
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, isAppError, type ReleaseRef } from '@pomona/wire';
import { type Metadata, TargetFile, type Targets } from '@tufjs/models';
import { canonicalJson, digestOf } from './digest.ts';
import { readIfPresent, writeFileDurably } from './durable-file.ts';
import { underFileLock } from './file-lock.ts';
import { addToKeyLog } from './key-log.ts';
import { makeFolder } from './make-folder.ts';
import { type Live, MetadataFolder } from './metadata-folder.ts';
import { releaseError } from './release-errors.ts';
import { describeChange } from './review-plan.ts';
import { type LocalKey, readLocalKeys } from './trust-keys.ts';
import {
  metadataFilePattern,
  type TrustRole,
  targetPathOf,
  trustRoles,
  versionInPath,
} from './trust-metadata.ts';
import {
  encodePlan,
  isComplete,
  mergePlan,
  nextRootOf,
  parsePlan,
  type RoleChange,
  signPlan,
  type TrustPlan,
  type WantedSignatures,
  wantedSignatures,
} from './trust-plan.ts';
import { encodeMetadata, isSignedFor, type Signable } from './trust-signing.ts';

/** In the folder of keys. */
export const waitingChangeFile = 'waiting-change.json';

export interface TrustRepositoryOptions {
  /** Metadata; may be served. */
  readonly folder: string;
  /** Private keys `trust-*.pem`, mode 0600; never served. */
  readonly keysFolder: string;
  readonly clock: Clock;
  /** Whom the log of the keys names, and why, should they be made now. */
  readonly by?: { readonly actor: string; readonly reason: string };
}

const firstStart = { actor: 'pomona', reason: 'the first start of a control plane' };

/** Whether devices can have it already, or whether signatures are awaited. */
export type Publication = 'published' | 'waiting';

export interface TrustState {
  readonly roles: readonly {
    readonly role: TrustRole;
    readonly threshold: number;
    /** `file` is null for a key that is kept elsewhere. */
    readonly keys: readonly { readonly keyId: string; readonly file: string | null }[];
    readonly version: number;
    readonly expires: string;
  }[];
  /** Keys that are here and that the root no longer names, or not yet. */
  readonly unused: readonly { readonly keyId: string; readonly file: string }[];
  readonly waiting: {
    readonly file: string;
    readonly change: readonly string[];
    readonly wanted: readonly WantedSignatures[];
  } | null;
}

export interface TrustRepository {
  /** The newest root metadata as JSON text: what a device gets when it is enrolled. */
  rootJson(): string;
  /** Lists the manifest under `releases/<name>/<version>.json`. Again with the same bytes: nothing happens. */
  publishManifest(release: Pick<ReleaseRef, 'name' | 'version'>, manifest: Uint8Array): Promise<Publication>;
  /** Whether a release is made and misses signatures: no device would find it on the signed list. */
  isWaiting(release: Pick<ReleaseRef, 'name' | 'version'>): Promise<boolean>;
  /** The highest version of that name that was ever published, or waits for it; 0 when none was. */
  newestVersion(name: string): Promise<number>;
  /** Signs a new timestamp, and anew whatever has lived half of its life. */
  refresh(): Promise<void>;
  /** A file that devices may have, or undefined. Any other name is undefined too. */
  readMetadata(file: string): Promise<Buffer | undefined>;
  state(): Promise<TrustState>;
  /**
   * Prepares a change of who signs; an empty one makes the metadata of its role live longer. Signed with the keys that are
   * here, and applied if that is enough. Throws `trust-change-invalid`, `trust-plan-waiting`.
   */
  changeRoles(changes: readonly RoleChange[]): Promise<TrustState>;
  /** Signs the waiting change with these keys, takes over a copy's signatures, and applies it if that is enough. */
  signWaiting(keys: readonly LocalKey[], copy?: Uint8Array): Promise<TrustState>;
}

/**
 * Opens the repository, or makes it. Refreshes it. Throws `trust-repository` when keys and metadata do not fit,
 * `trust-plan-invalid` when what waits cannot be used, `trust-repository-busy`.
 */
export async function openTrustRepository(options: TrustRepositoryOptions): Promise<TrustRepository> {
  const { folder, keysFolder } = options;
  let rootJson = '';
  const exclusively = <T>(work: (repository: OpenRepository) => Promise<T>): Promise<T> =>
    underTrustLock(options, async () => {
      const repository = await OpenRepository.open(options);
      const result = await work(repository);
      rootJson = encodeMetadata(repository.live.root).toString();
      return result;
    });
  const refresh = () => exclusively((repository) => repository.renew());
  await refresh();
  return {
    rootJson: () => rootJson,
    refresh,
    publishManifest: (release, manifest) =>
      exclusively((repository) => repository.publish(targetPathOf(release), manifest)),
    isWaiting: async (release) => {
      const bytes = await readIfPresent(join(keysFolder, waitingChangeFile));
      const plan = bytes && parsePlan(bytes);
      const path = targetPathOf(release);
      return !!plan?.nextTargets?.signed.targets[path] && !plan.targets.signed.targets[path];
    },
    newestVersion: (name) => exclusively(async (repository) => repository.newestVersion(name)),
    readMetadata: (file) =>
      metadataFilePattern.test(file) ? readIfPresent(join(folder, file)) : Promise.resolve(undefined),
    state: () => exclusively(async (repository) => repository.state()),
    changeRoles: (changes) => exclusively((repository) => repository.changeRoles(changes)),
    signWaiting: (keys, copy) => exclusively((repository) => repository.signWaiting(keys, copy)),
  };
}

/**
 * Takes back a waiting change of keys; releases that wait go on waiting. Needs no open repository, since a change that can be
 * neither read nor applied stops every other work; of one that cannot be read the releases must be published again.
 */
export function dropWaitingChange(options: TrustRepositoryOptions): Promise<TrustState> {
  return underTrustLock(options, async () => (await OpenRepository.openToDrop(options)).dropWaiting());
}

/** Other processes publish too: what counts is what is on disk, and nobody else writes meanwhile. */
async function underTrustLock<T>(
  { folder, keysFolder }: TrustRepositoryOptions,
  work: () => Promise<T>,
): Promise<T> {
  await makeFolder(folder);
  await makeFolder(keysFolder, 0o700);
  const done = await underFileLock(join(keysFolder, 'trust.lock'), work);
  if (done) return done.value;
  throw releaseError('trust-repository-busy', `another process holds ${keysFolder}`, { retryable: true });
}

/** While the lock is held. */
class OpenRepository {
  live: Live;
  readonly #store: MetadataFolder;
  readonly #keys: readonly LocalKey[];
  readonly #planFile: string;
  #plan: TrustPlan | undefined;

  private constructor(store: MetadataFolder, live: Live, keys: readonly LocalKey[], planFile: string) {
    this.#store = store;
    this.live = live;
    this.#keys = keys;
    this.#planFile = planFile;
  }

  static async open(options: TrustRepositoryOptions): Promise<OpenRepository> {
    const repository = await OpenRepository.#openStanding(options);
    await repository.#resume();
    return repository;
  }

  /** What a crash let through by half is finished here as well: without its other half devices would refuse it. */
  static async openToDrop(options: TrustRepositoryOptions): Promise<OpenRepository> {
    const repository = await OpenRepository.#openStanding(options);
    try {
      await repository.#resume();
    } catch (error) {
      if (!isAppError(error)) throw error;
      await repository.#reload();
    }
    return repository;
  }

  static async #openStanding({ folder, keysFolder, clock, by = firstStart }: TrustRepositoryOptions) {
    let keys = await readLocalKeys(keysFolder);
    let store = new MetadataFolder(folder, keys, clock);
    let live = await store.load();
    if (!live) {
      store = await MetadataFolder.create(folder, keysFolder, clock);
      keys = await readLocalKeys(keysFolder);
      live = (await store.load())!;
      const { keys: made } = live.root.signed;
      const detail = Object.keys(made)
        .map((keyId) => keyId.slice(0, 12))
        .join(', ');
      await addToKeyLog(keysFolder, {
        ...by,
        at: new Date(clock.nowMs()).toISOString(),
        action: 'init',
        detail,
      });
    }
    return new OpenRepository(store, live, keys, join(keysFolder, waitingChangeFile));
  }

  async #resume(): Promise<void> {
    const plan = await readIfPresent(this.#planFile);
    if (!plan) return;
    // What counts as standing is the metadata itself, whatever the file says.
    this.#plan = { ...parsePlan(plan), root: this.live.root, targets: this.live.targets };
    await this.#apply();
  }

  renew(): Promise<void> {
    return this.#store.renew(this.live, this.#plan !== undefined).then(() => this.#reload());
  }

  async publish(path: string, bytes: Uint8Array): Promise<Publication> {
    const digest = digestOf(bytes);
    const listed = this.live.targets.signed.targets[path];
    const targets = (this.#plan?.nextTargets ?? this.live.targets).signed.targets;
    const known = listed ?? targets[path];
    if (known && known.hashes.sha256 !== digest)
      throw releaseError('release-differs', `${path} was published before with another content`);
    if (known) return listed ? 'published' : 'waiting';
    const target = new TargetFile({ path, length: bytes.byteLength, hashes: { sha256: digest } });
    await this.#setTargets({ ...targets, [path]: target });
    return this.live.targets.signed.targets[path] ? 'published' : 'waiting';
  }

  newestVersion(name: string): number {
    const lists = [this.live.targets, this.#plan?.nextTargets];
    const paths = lists.flatMap((list) => Object.keys(list?.signed.targets ?? {}));
    return Math.max(0, ...paths.map((path) => versionInPath(path, name)));
  }

  async changeRoles(changes: readonly RoleChange[]): Promise<TrustState> {
    if (this.#plan?.nextRoot)
      throw releaseError('trust-plan-waiting', 'a change of keys waits for signatures already');
    const renewed = new Set(changes.filter(isRenewal).map(({ role }) => role));
    const { root } = this.live;
    const changesRoot = renewed.has('root') || changes.some((change) => !isRenewal(change));
    const nextRoot = changesRoot ? nextRootOf(root.signed, changes, this.#store.expiry('root')) : undefined;
    const last = nextRoot ?? root;
    this.#store.checkOnlineKeys(last.signed);
    if (renewed.has('snapshot') || renewed.has('timestamp')) {
      await this.#store.commit(root, undefined, this.live);
      await this.#reload();
    }
    const waiting = this.#plan?.nextTargets;
    const staysSigned = !renewed.has('targets') && isSignedFor(last, 'targets', this.live.targets);
    const list = waiting || !staysSigned ? (waiting ?? this.live.targets).signed.targets : undefined;
    if (nextRoot || list) await this.#setPlan(nextRoot, list);
    return this.state();
  }

  async signWaiting(keys: readonly LocalKey[], copy?: Uint8Array): Promise<TrustState> {
    if (!this.#plan) throw releaseError('trust-change-invalid', 'nothing waits for signatures');
    if (copy) mergePlan(this.#plan, parsePlan(copy));
    for (const { key } of keys) signPlan(this.#plan, key);
    await this.#settle();
    return this.state();
  }

  async dropWaiting(): Promise<TrustState> {
    const known = this.live.targets.signed.targets;
    const list = { ...this.#plan?.nextTargets?.signed.targets, ...known };
    this.#plan = undefined;
    if (Object.keys(list).length > Object.keys(known).length) await this.#setTargets(list);
    if (!this.#plan) await rm(this.#planFile, { force: true });
    return this.state();
  }

  state(): TrustState {
    const { root, targets, snapshot, timestamp } = this.live;
    const signed = { root: root.signed, targets: targets.signed, snapshot, timestamp };
    const files = new Map(this.#keys.map(({ keyId, file }) => [keyId, file]));
    const roles = trustRoles.map((role) => ({
      role,
      threshold: root.signed.roles[role]!.threshold,
      keys: root.signed.roles[role]!.keyIDs.map((keyId) => ({ keyId, file: files.get(keyId) ?? null })),
      version: signed[role].version,
      expires: signed[role].expires,
    }));
    const plan = this.#plan;
    return {
      roles,
      unused: this.#keys
        .filter(({ keyId }) => !root.signed.keys[keyId])
        .map(({ keyId, file }) => ({ keyId, file })),
      waiting: plan
        ? { file: this.#planFile, change: describeChange(plan), wanted: wantedSignatures(plan) }
        : null,
    };
  }

  async #setTargets(targets: Targets['targets']): Promise<void> {
    const { root } = this.live;
    if (this.#plan || !this.#store.canSign(root.signed, 'targets'))
      return this.#setPlan(this.#plan?.nextRoot, targets);
    const next = this.#store.sign('targets', root.signed, this.#store.nextTargets(this.live, targets));
    await this.#store.commit(root, next, this.live);
    await this.#reload();
  }

  async #setPlan(nextRoot: TrustPlan['nextRoot'], list: Targets['targets'] | undefined): Promise<void> {
    const { root, targets } = this.live;
    const last = nextRoot ?? root;
    if (nextRoot) {
      this.#store.sign('root', root.signed, nextRoot);
      this.#store.sign('root', nextRoot.signed, nextRoot);
    }
    const nextTargets =
      list && this.#store.sign('targets', last.signed, this.#store.nextTargets(this.live, list));
    this.#plan = { root, targets, ...(nextRoot && { nextRoot }), ...(nextTargets && { nextTargets }) };
    await this.#settle();
  }

  /** What waits is on disk before it is applied. */
  async #settle(): Promise<void> {
    await writeFileDurably(this.#planFile, encodePlan(this.#plan!), 0o600);
    await this.#apply();
  }

  /** Does nothing while signatures are missing. Again after a crash in the middle: the same comes out. */
  async #apply(): Promise<void> {
    const plan = this.#plan!;
    if (!isComplete(plan)) return;
    const { root, targets } = this.live;
    const nextRoot = plan.nextRoot ?? root;
    if (!isSuccessor(root, nextRoot) || !isSuccessor(targets, plan.nextTargets ?? targets))
      throw releaseError(
        'trust-plan-invalid',
        `${this.#planFile} is of a time before the metadata that stands`,
      );
    try {
      this.#store.checkOnlineKeys(nextRoot.signed);
    } catch (cause) {
      throw releaseError('trust-plan-invalid', `${this.#planFile} names keys that are not here`, { cause });
    }
    await this.#store.commit(nextRoot, plan.nextTargets, this.live);
    this.#plan = undefined;
    await rm(this.#planFile, { force: true });
    await this.#reload();
  }

  async #reload(): Promise<void> {
    this.live = (await this.#store.load())!;
  }
}

/** Of the next number, or the same: a part that a crash let through before. */
function isSuccessor({ signed: before }: Metadata<Signable>, { signed: after }: Metadata<Signable>): boolean {
  if (after.version === before.version + 1) return true;
  return canonicalJson(after.toJSON()) === canonicalJson(before.toJSON());
}

function isRenewal({ add, remove, threshold }: RoleChange): boolean {
  return add.length === 0 && remove.length === 0 && threshold === undefined;
}
