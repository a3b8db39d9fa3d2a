import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AppError, Clock, ReleaseRef } from '@pomona/wire';
import { type Metadata, MetadataKind, Signature } from '@tufjs/models';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from './digest.ts';
import {
  type LocalKey,
  makeKeyPair,
  makeLocalKey,
  openRoleKey,
  readPrivateKeyFile,
  readPublicKeyFile,
} from './trust-keys.ts';
import { encodePlan, parsePlan, signPlan } from './trust-plan.ts';
import {
  dropWaitingChange,
  openTrustRepository,
  type TrustRepository,
  type TrustState,
  waitingChangeFile,
} from './trust-repository.ts';
import { addSignatures, encodeMetadata, metaFileOf, parseMetadata, type Signable } from './trust-signing.ts';
import { TrustedReleases } from './trusted-releases.ts';

const start = Date.parse('2026-03-01T00:00:00Z');
const yearMs = 365 * 86_400_000;
let nowMs = start;
const clock: Clock = { nowMs: () => nowMs, monotonicMs: () => 0 };

let folder: string;
let firstRoot: string;
const blobs = new Map<string, Buffer>();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trust-change-'));
  blobs.clear();
  nowMs = start;
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const trustFolder = () => join(folder, 'trust');
const keysFolder = () => join(folder, 'keys');

const waitingFile = () => join(keysFolder(), waitingChangeFile);
const options = () => ({ folder: trustFolder(), keysFolder: keysFolder(), clock });

async function open(): Promise<TrustRepository> {
  const repository = await openTrustRepository(options());
  firstRoot ??= repository.rootJson();
  return repository;
}
beforeEach(() => {
  firstRoot = undefined as unknown as string;
});

/** A key pair that somebody keeps in their own place. */
const pairOf = (name: string) => makeKeyPair(join(folder, name));
const publicOf = (name: string) => readPublicKeyFile(join(folder, `${name}.pub`));

async function publish(repository: TrustRepository, version: number) {
  const bytes = Buffer.from(`manifest ${version}`);
  const release: ReleaseRef = { name: 'apples', version, digest: digestOf(bytes) };
  blobs.set(`blobs/${release.digest}`, bytes);
  return { release, said: await repository.publishManifest(release, bytes) };
}

/** What a device that was enrolled under the very first root says of a release. */
async function device(repository: TrustRepository, release: ReleaseRef, name = 'device'): Promise<string> {
  const trusted = new TrustedReleases({
    folder: join(folder, name),
    rootJson: firstRoot,
    fetchFile: async (path) =>
      path.startsWith('metadata/') ? repository.readMetadata(path.slice(9)) : blobs.get(path),
    nowMs: clock.nowMs,
  });
  return codeOf(trusted.findManifest(release));
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    return (error as AppError).code ?? String(error);
  }
  return 'accepted';
}

const keysOf = (state: TrustState, role: string) => state.roles.find((each) => each.role === role)!.keys;

/** Two of three people sign for root; one of them for targets; nobody's key stays on the server. */
async function moveKeysAway(repository: TrustRepository): Promise<void> {
  for (const name of ['ann', 'ben', 'cat']) await pairOf(name);
  const before = await repository.state();
  await repository.changeRoles([
    {
      role: 'root',
      add: await Promise.all(['ann', 'ben', 'cat'].map(publicOf)),
      remove: keysOf(before, 'root').map(({ keyId }) => keyId),
      threshold: 2,
    },
    { role: 'targets', add: [await publicOf('ann')], remove: [keysOf(before, 'targets')[0]!.keyId] },
  ]);
}

/** Signs a copy of the waiting change as a machine without network would, and brings it back. */
async function signElsewhere(repository: TrustRepository, name: string): Promise<TrustState> {
  const plan = parsePlan(await readFile(join(keysFolder(), 'waiting-change.json')));
  signPlan(plan, (await readPrivateKeyFile(join(folder, name))).key);
  return repository.signWaiting([], Buffer.from(encodePlan(plan)));
}

describe('keys that are kept elsewhere', () => {
  it('take over when as many as the threshold wants have signed, and a device follows from its first root', async () => {
    const repository = await open();
    const { release } = await publish(repository, 1);
    await moveKeysAway(repository);
    const waiting = (await repository.state()).waiting!;
    expect(waiting.change).toContain('root: wants 2 signatures instead of 1');
    expect(waiting.wanted.map(({ document, by }) => [document, by])).toEqual([
      ['root', 'current'],
      ['root', 'next'],
      ['targets', 'next'],
    ]);
    expect((await signElsewhere(repository, 'ann')).waiting).not.toBeNull();
    // Meanwhile the old keys hold.
    expect(await device(repository, release)).toBe('accepted');
    const done = await signElsewhere(repository, 'cat');
    expect(done.waiting).toBeNull();
    expect(keysOf(done, 'root').map(({ file }) => file)).toEqual([null, null, null]);
    expect(done.unused).toHaveLength(2);
    expect(await device(repository, release)).toBe('accepted');
    expect(await device(repository, release, 'new device')).toBe('accepted');
    for (const { file } of done.unused) await rm(file);
    expect(await device(await open(), release)).toBe('accepted');
  });

  it('sign each release before a device gets it, all that wait at once', async () => {
    const repository = await open();
    await moveKeysAway(repository);
    await signElsewhere(repository, 'ann');
    await signElsewhere(repository, 'ben');
    const [second, third] = [await publish(repository, 2), await publish(repository, 3)];
    expect([second.said, third.said]).toEqual(['waiting', 'waiting']);
    expect(await repository.newestVersion('apples')).toBe(3);
    expect(await repository.isWaiting(third.release)).toBe(true);
    expect(await device(repository, third.release)).toBe('release-unknown');
    expect(await codeOf(signElsewhere(repository, 'ben'))).toBe('trust-change-invalid');
    await signElsewhere(repository, 'ann');
    expect(await repository.isWaiting(third.release)).toBe(false);
    expect((await publish(repository, 2)).said).toBe('published');
    for (const { release } of [second, third]) expect(await device(repository, release)).toBe('accepted');
  });

  it('are refused once they are revoked', async () => {
    const repository = await open();
    await moveKeysAway(repository);
    await signElsewhere(repository, 'ann');
    await signElsewhere(repository, 'ben');
    const ann = keysOf(await repository.state(), 'targets')[0]!.keyId;
    await pairOf('dan');
    const dan = await publicOf('dan');
    await repository.changeRoles([
      { role: 'root', add: [dan], remove: [ann] },
      { role: 'targets', add: [dan], remove: [ann] },
    ]);
    for (const name of ['ben', 'cat', 'dan']) await signElsewhere(repository, name);
    const state = await repository.state();
    expect(state.waiting).toBeNull();
    // What the revoked key signs is no say in the next list any more, neither here nor on a device.
    await publish(repository, 4);
    expect(await codeOf(signElsewhere(repository, 'ann'))).toBe('trust-change-invalid');
    const plan = parsePlan(await readFile(join(keysFolder(), 'waiting-change.json')));
    const stolen = (await readPrivateKeyFile(join(folder, 'ann'))).key;
    addSignatures(plan.nextTargets!, [stolen]);
    const forged = await repository.signWaiting([], Buffer.from(encodePlan(plan)));
    expect(forged.waiting).not.toBeNull();
  });
});

describe('a change of keys', () => {
  it('of snapshot and timestamp is made here at once, and the files of the old keys may go', async () => {
    const repository = await open();
    const { release } = await publish(repository, 1);
    expect(await device(repository, release)).toBe('accepted');
    const before = await repository.state();
    for (const role of ['snapshot', 'timestamp'] as const) {
      const { key } = await makeLocalKey(keysFolder(), role);
      await repository.changeRoles([
        { role, add: [key.publicKey], remove: [keysOf(before, role)[0]!.keyId.slice(0, 12)] },
      ]);
    }
    const { unused, waiting } = await repository.state();
    expect(waiting).toBeNull();
    expect(unused.map(({ file }) => file.replace(/.*\//, ''))).toEqual([
      'trust-snapshot.pem',
      'trust-timestamp.pem',
    ]);
    for (const { file } of unused) await rm(file);
    const again = await open();
    expect(await device(again, release)).toBe('accepted');
    expect(await device(again, (await publish(again, 2)).release)).toBe('accepted');
  });

  it('of timestamp and snapshot undoes a list whose number was driven up with the stolen keys', async () => {
    const repository = await open();
    const { release } = await publish(repository, 1);
    const before = await repository.state();
    // The thief signs the true list under a number that the control plane will never reach.
    const far = 900_000_000;
    const [stolenSnapshot, stolenTimestamp] = await Promise.all(
      (['snapshot', 'timestamp'] as const).map((role) => openRoleKey(keysFolder(), role)),
    );
    const timestamp = parseMetadata(
      MetadataKind.Timestamp,
      (await repository.readMetadata('timestamp.json'))!,
    );
    const snapshot = parseMetadata(
      MetadataKind.Snapshot,
      (await repository.readMetadata(`${timestamp.signed.snapshotMeta.version}.snapshot.json`))!,
    );
    const forge = <T extends Signable>(metadata: Metadata<T>, key: LocalKey, values: object) => {
      Object.assign(metadata.signed, { version: far, ...values });
      return encodeMetadata(addSignatures(metadata, [key.key]));
    };
    const forgedSnapshot = forge(snapshot, stolenSnapshot!, {});
    const snapshotMeta = metaFileOf(far, forgedSnapshot);
    const forged = new Map([
      ['timestamp.json', forge(timestamp, stolenTimestamp!, { snapshotMeta })],
      [`${far}.snapshot.json`, forgedSnapshot],
    ]);
    const thief = {
      readMetadata: async (name: string) => forged.get(name) ?? repository.readMetadata(name),
    } as TrustRepository;
    expect(await device(thief, release)).toBe('accepted');
    const { release: second } = await publish(repository, 2);
    expect(await device(repository, second)).toBe('trust-rollback');

    for (const role of ['snapshot', 'timestamp'] as const) {
      const { key } = await makeLocalKey(keysFolder(), role);
      const old = keysOf(before, role)[0]!.keyId.slice(0, 12);
      await repository.changeRoles([{ role, add: [key.publicKey], remove: [old] }]);
    }
    expect(await device(repository, second)).toBe('accepted');
    expect(await device(thief, second)).not.toBe('accepted');
  });

  it('is refused when nobody could sign afterwards', async () => {
    const repository = await open();
    await pairOf('ann');
    const ann = await publicOf('ann');
    const [root, timestamp] = ['root', 'timestamp'].map(
      async (role) => keysOf(await repository.state(), role)[0]!.keyId,
    );
    const tries = [
      [{ role: 'root' as const, add: [], remove: [await root!] }],
      [{ role: 'root' as const, add: [ann], remove: [], threshold: 3 }],
      [{ role: 'root' as const, add: [], remove: ['0000'] }],
      [{ role: 'timestamp' as const, add: [ann], remove: [await timestamp!] }],
    ];
    for (const changes of tries)
      expect(await codeOf(repository.changeRoles(changes))).toBe('trust-change-invalid');
    expect((await repository.state()).waiting).toBeNull();
  });

  it('waits alone, and can be taken back without the releases that wait with it', async () => {
    const repository = await open();
    await moveKeysAway(repository);
    expect(await codeOf(repository.changeRoles([{ role: 'root', add: [], remove: [] }]))).toBe(
      'trust-plan-waiting',
    );
    const { release, said } = await publish(repository, 1);
    expect(said).toBe('waiting');
    expect((await dropWaitingChange(options())).waiting).toBeNull();
    expect((await repository.state()).waiting).toBeNull();
    expect((await (await open()).state()).waiting).toBeNull();
    expect(await device(repository, release)).toBe('accepted');
  });

  it('can be taken back where it can be neither read nor applied, and says so', async () => {
    const repository = await open();
    await moveKeysAway(repository);
    const { release } = await publish(repository, 1);
    const plan = await readFile(waitingFile());
    await writeFile(waitingFile(), plan.subarray(0, 900));
    await expect(open()).rejects.toMatchObject({
      code: 'trust-plan-invalid',
      hint: expect.stringContaining('pomona keys drop'),
    });
    expect((await dropWaitingChange(options())).waiting).toBeNull();
    expect((await (await open()).state()).waiting).toBeNull();

    // The rest of its signatures comes when the metadata is of another time.
    const late = parsePlan(plan);
    for (const name of ['ann', 'ben']) signPlan(late, (await readPrivateKeyFile(join(folder, name))).key);
    await repository.changeRoles([{ role: 'root', add: [], remove: [] }]);
    await writeFile(waitingFile(), encodePlan(late));
    expect(await codeOf(repository.state())).toBe('trust-plan-invalid');
    const dropped = await dropWaitingChange(options());
    expect(dropped.waiting).toBeNull();
    expect(keysOf(dropped, 'root')).toHaveLength(1);
    // The release that waited with it has not been lost.
    expect(await device(await open(), release)).toBe('accepted');
  });

  it('is finished before it is taken back where a crash let a part of it through', async () => {
    const repository = await open();
    const { release } = await publish(repository, 1);
    await moveKeysAway(repository);
    await signElsewhere(repository, 'ann');
    const timestamp = await readFile(join(trustFolder(), 'timestamp.json'));
    const plan = parsePlan(await readFile(waitingFile()));
    signPlan(plan, (await readPrivateKeyFile(join(folder, 'ben'))).key);
    await repository.signWaiting([], Buffer.from(encodePlan(plan)));
    await writeFile(join(trustFolder(), 'timestamp.json'), timestamp);
    await writeFile(waitingFile(), encodePlan(plan));
    expect(keysOf(await dropWaitingChange(options()), 'root')).toHaveLength(3);
    expect(await device(repository, release)).toBe('accepted');
  });

  it('takes effect after a year of waiting, in which nothing has taken its number', async () => {
    const repository = await open();
    nowMs += 4.5 * yearMs;
    await repository.refresh();
    const { release } = await publish(repository, 1);
    await moveKeysAway(repository);
    const before = await repository.state();
    // Half of the life is over of both root and targets.
    nowMs += 1.1 * yearMs;
    await repository.refresh();
    const { roles } = await repository.state();
    expect(roles.slice(0, 2)).toEqual(before.roles.slice(0, 2));
    await signElsewhere(repository, 'ann');
    const done = await signElsewhere(repository, 'ben');
    expect(done.waiting).toBeNull();
    expect(keysOf(done, 'root')).toHaveLength(3);
    expect(keysOf(done, 'targets')).toMatchObject([{ file: null }]);
    expect(await device(repository, release)).toBe('accepted');
  });

  it('is not taken for let through when something else has its number', async () => {
    const repository = await open();
    await moveKeysAway(repository);
    const plan = parsePlan(await readFile(waitingFile()));
    for (const name of ['ann', 'ben']) signPlan(plan, (await readPrivateKeyFile(join(folder, name))).key);
    await dropWaitingChange(options());
    nowMs += yearMs;
    await repository.changeRoles([{ role: 'root', add: [], remove: [] }]);
    await writeFile(waitingFile(), encodePlan(plan));
    expect(await codeOf(open())).toBe('trust-plan-invalid');
  });

  it('keeps a key that stood before when it is stated anew', async () => {
    const repository = await open();
    await moveKeysAway(repository);
    for (const name of ['ann', 'ben']) await signElsewhere(repository, name);
    const before = keysOf(await repository.state(), 'root').map(({ keyId }) => keyId);
    const add = await Promise.all(['ann', 'ben'].map(publicOf));
    await repository.changeRoles([{ role: 'root', add, remove: before, threshold: 1 }]);
    for (const name of ['ann', 'ben']) await signElsewhere(repository, name);
    const state = await repository.state();
    expect(state.waiting).toBeNull();
    expect(keysOf(state, 'root').map(({ keyId }) => keyId)).toEqual(before.slice(0, 2));
  });

  it('comes out the same when a crash stopped it between the root and the timestamp', async () => {
    const repository = await open();
    const { release } = await publish(repository, 1);
    await moveKeysAway(repository);
    await signElsewhere(repository, 'ann');
    const timestamp = await readFile(join(trustFolder(), 'timestamp.json'));
    const plan = parsePlan(await readFile(join(keysFolder(), 'waiting-change.json')));
    signPlan(plan, (await readPrivateKeyFile(join(folder, 'ben'))).key);
    await repository.signWaiting([], Buffer.from(encodePlan(plan)));
    await writeFile(join(trustFolder(), 'timestamp.json'), timestamp);
    await writeFile(join(keysFolder(), 'waiting-change.json'), encodePlan(plan));
    const again = await open();
    expect((await again.state()).waiting).toBeNull();
    expect(await device(again, release)).toBe('accepted');
  });

  it('makes root and targets live longer when it changes nothing else', async () => {
    const repository = await open();
    const { release } = await publish(repository, 1);
    const root = await repository.changeRoles([{ role: 'root', add: [], remove: [] }]);
    expect(root.roles.map(({ version }) => version).slice(0, 2)).toEqual([2, 2]);
    const targets = await repository.changeRoles([{ role: 'targets', add: [], remove: [] }]);
    expect(targets.roles.map(({ version }) => version).slice(0, 2)).toEqual([2, 3]);
    const both = await repository.changeRoles([
      { role: 'root', add: [], remove: [] },
      { role: 'targets', add: [], remove: [] },
    ]);
    expect(both.roles.map(({ version }) => version).slice(0, 2)).toEqual([3, 4]);
    const snapshot = await repository.changeRoles([{ role: 'snapshot', add: [], remove: [] }]);
    const versions = both.roles.map(({ version }) => version);
    expect(snapshot.roles.map(({ version }) => version)).toEqual([3, 4, versions[2]! + 1, versions[3]! + 1]);
    expect(await device(repository, release)).toBe('accepted');
  });
});

describe('signatures that come back', () => {
  it('are taken over where they hold, whatever else the copies had', async () => {
    const repository = await open();
    await moveKeysAway(repository);
    const copy = () => readFile(waitingFile()).then(parsePlan);
    const damaged = await copy();
    const ann = (await readPrivateKeyFile(join(folder, 'ann'))).key;
    signPlan(damaged, ann);
    for (const { signatures } of [damaged.nextRoot!, damaged.nextTargets!])
      for (const keyId of Object.keys(signatures))
        signatures[keyId] = new Signature({ keyID: keyId, sig: '00'.repeat(64) });
    for (let i = 0; i < 400; i++) {
      const keyID = digestOf(Buffer.from(`nobody ${i}`));
      damaged.nextRoot!.signatures[keyID] = new Signature({ keyID, sig: 'ab'.repeat(64) });
    }
    await repository.signWaiting([], Buffer.from(encodePlan(damaged)));
    const { nextRoot } = await copy();
    // That of the key which stands here, and no other.
    expect(Object.keys(nextRoot!.signatures)).toHaveLength(1);
    await signElsewhere(repository, 'ann');
    expect((await signElsewhere(repository, 'ben')).waiting).toBeNull();
    expect(Object.keys(JSON.parse((await open()).rootJson()).signatures)).toHaveLength(3);
  });
});

describe('files of keys', () => {
  it('are never overwritten, and say what is wrong with them', async () => {
    await pairOf('ann');
    expect(await codeOf(pairOf('ann'))).toBe('key-file');
    expect(await codeOf(readPrivateKeyFile(join(folder, 'nobody')))).toBe('key-file');
    expect(await codeOf(readPrivateKeyFile(join(folder, 'ann.pub')))).toBe('key-file');
    await writeFile(join(folder, 'bad'), 'no key');
    expect(await codeOf(readPublicKeyFile(join(folder, 'bad')))).toBe('key-file');
  });

  it('that are damaged stop the control plane instead of being made anew', async () => {
    await open();
    await rename(join(keysFolder(), 'trust-root.pem'), join(folder, 'root'));
    await writeFile(join(keysFolder(), 'trust-root.pem'), 'torn');
    expect(await codeOf(open())).toBe('trust-repository');
  });

  it('of a waiting change are refused when they are none', () => {
    for (const text of ['', '{}', '[]', '{"root":{}}'])
      expect(() => parsePlan(Buffer.from(text))).toThrow(/no waiting change/);
    expect(() => parsePlan(Buffer.alloc(20_000_000))).toThrow(/at most/);
  });
});
