import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AppError, Clock, ReleaseRef } from '@pomona/wire';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from './digest.ts';
import { openTrustRepository, type TrustRepository } from './trust-repository.ts';
import { type FetchFile, TrustedReleases } from './trusted-releases.ts';

const day = 86_400_000;
const start = Date.parse('2026-03-01T00:00:00Z');

let folder: string;
let nowMs: number;
const clock: Clock = { nowMs: () => nowMs, monotonicMs: () => nowMs };
const blobs = new Map<string, Buffer>();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trust-'));
  nowMs = start;
  blobs.clear();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const open = (name = 'server') =>
  openTrustRepository({ folder: join(folder, name, 'trust'), keysFolder: join(folder, name, 'keys'), clock });

async function publish(repository: TrustRepository, version: number, content = `manifest ${version}`) {
  const bytes = Buffer.from(content);
  const release: ReleaseRef = { name: 'apples', version, digest: digestOf(bytes) };
  blobs.set(`blobs/${release.digest}`, bytes);
  await repository.publishManifest(release, bytes);
  return release;
}

const fetchFrom =
  (repository: TrustRepository): FetchFile =>
  async (path) =>
    path.startsWith('metadata/') ? repository.readMetadata(path.slice('metadata/'.length)) : blobs.get(path);

function device(rootJson: string, fetchFile: FetchFile, clockMs: () => number = () => nowMs) {
  return new TrustedReleases({ folder: join(folder, 'device'), rootJson, fetchFile, nowMs: clockMs });
}

/** Every file of the metadata folder as it is now, to be played back later. */
async function freeze(name = 'server'): Promise<FetchFile> {
  const trust = join(folder, name, 'trust');
  const files = new Map<string, Buffer>();
  for (const file of await readdir(trust)) files.set(`metadata/${file}`, await readFile(join(trust, file)));
  return async (path) => files.get(path) ?? blobs.get(path);
}

const changing =
  (fetchFile: FetchFile, match: RegExp, change: (bytes: Buffer) => Uint8Array | undefined): FetchFile =>
  async (path, maxBytes) => {
    const bytes = await fetchFile(path, maxBytes);
    return bytes && match.test(path) ? change(Buffer.from(bytes)) : bytes;
  };

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    return (error as AppError).code ?? String(error);
  }
  return 'accepted';
}

describe('a device that asks for a release', () => {
  it('gets the manifest that the control plane signed', async () => {
    const server = await open();
    const release = await publish(server, 1);
    const found = await device(server.rootJson(), fetchFrom(server)).findManifest(release);
    expect(found.bytes.toString()).toBe('manifest 1');
    expect(found.digest).toBe(release.digest);
    expect(found.signedAtMs).toBe(start);
  });

  it('takes away what was left where the power went', async () => {
    const server = await open();
    const release = await publish(server, 1);
    await device(server.rootJson(), fetchFrom(server)).findManifest(release);
    const [kept = ''] = await readdir(join(folder, 'device'));
    await mkdir(join(folder, 'device', kept, 'work-before', 'deep'), { recursive: true });
    await device(server.rootJson(), fetchFrom(server)).findManifest(release);
    const names = await readdir(join(folder, 'device', kept));
    expect(names.filter((name) => !name.endsWith('.json'))).toEqual([]);
  });

  it('follows publications, reopened repositories and a renewed root', async () => {
    const first = await open();
    const client = device(first.rootJson(), fetchFrom(first));
    await client.findManifest(await publish(first, 1));
    nowMs += 6 * 365 * day;
    const second = await open();
    const later = device(first.rootJson(), fetchFrom(second));
    const release = await publish(second, 2);
    expect((await later.findManifest(release)).bytes.toString()).toBe('manifest 2');
    expect(await readdir(join(folder, 'server', 'trust'))).toContain('2.root.json');
  });

  it('refuses a release that is not on the list, or whose digest is another', async () => {
    const server = await open();
    const release = await publish(server, 1);
    const client = device(server.rootJson(), fetchFrom(server));
    expect(await codeOf(client.findManifest({ ...release, version: 9 }))).toBe('release-unknown');
    expect(await codeOf(client.findManifest({ ...release, digest: 'a'.repeat(64) }))).toBe('release-differs');
  });

  it.each(['timestamp', 'snapshot', 'targets'])('refuses a changed byte in %s', async (role) => {
    const server = await open();
    const release = await publish(server, 1);
    const flipped = changing(fetchFrom(server), new RegExp(`${role}.json$`), (bytes) => {
      const at = bytes.indexOf('"version":') + '"version":'.length;
      bytes[at] = bytes[at]! + 1;
      return bytes;
    });
    expect(await codeOf(device(server.rootJson(), flipped).findManifest(release))).toBe('trust-refused');
  });

  it('refuses a changed byte, a missing byte and an extra byte in the manifest', async () => {
    const server = await open();
    const release = await publish(server, 1);
    const changes: ((bytes: Buffer) => Buffer)[] = [
      (bytes) => Buffer.from(bytes.toString().replace('1', '2')),
      (bytes) => bytes.subarray(1),
      (bytes) => Buffer.concat([bytes, Buffer.from(' ')]),
    ];
    for (const change of changes) {
      const client = device(server.rootJson(), changing(fetchFrom(server), /^blobs/, change));
      expect(await codeOf(client.findManifest(release))).toBe('trust-refused');
    }
  });

  it('refuses metadata that another control plane signed', async () => {
    const server = await open();
    const stranger = await open('stranger');
    const release = await publish(stranger, 1);
    const client = device(server.rootJson(), fetchFrom(stranger));
    expect(await codeOf(client.findManifest(release))).toBe('trust-refused');
  });

  it('refuses metadata without signatures, truncated, or not JSON', async () => {
    const server = await open();
    const release = await publish(server, 1);
    const changes: ((bytes: Buffer) => Buffer)[] = [
      (bytes) => Buffer.from(JSON.stringify({ ...JSON.parse(bytes.toString()), signatures: [] })),
      (bytes) => bytes.subarray(0, 100),
      () => Buffer.from('<html>'),
      () => Buffer.alloc(0),
    ];
    for (const change of changes) {
      const client = device(server.rootJson(), changing(fetchFrom(server), /timestamp/, change));
      expect(await codeOf(client.findManifest(release))).toBe('trust-refused');
    }
  });

  it('refuses a server that went back to an older list, also after a restart', async () => {
    const server = await open();
    const old = await publish(server, 1);
    const before = await freeze();
    const release = await publish(server, 2);
    await device(server.rootJson(), fetchFrom(server)).findManifest(release);
    expect(await codeOf(device(server.rootJson(), before).findManifest(old))).toBe('trust-rollback');
  });

  it('refuses an old snapshot under a new timestamp', async () => {
    const server = await open();
    await publish(server, 1);
    const before = await freeze();
    const release = await publish(server, 2);
    const mixed: FetchFile = async (path, maxBytes) =>
      path.endsWith('snapshot.json')
        ? before('metadata/2.snapshot.json', maxBytes)
        : fetchFrom(server)(path, maxBytes);
    expect(await codeOf(device(server.rootJson(), mixed).findManifest(release))).toBe('trust-refused');
  });

  it('refuses a view of the world that was frozen for longer than a timestamp lives', async () => {
    const server = await open();
    const release = await publish(server, 1);
    const frozen = await freeze();
    nowMs += 29 * day;
    expect(await codeOf(device(server.rootJson(), frozen).findManifest(release))).toBe('accepted');
    nowMs += 2 * day;
    expect(await codeOf(device(server.rootJson(), frozen).findManifest(release))).toBe('trust-expired');
    await server.refresh();
    expect(await codeOf(device(server.rootJson(), fetchFrom(server)).findManifest(release))).toBe('accepted');
  });

  it('takes the last signed time as a floor when its own clock fell back to 1970', async () => {
    const server = await open();
    const release = await publish(server, 1);
    const unset = () => 0;
    const stale = await freeze();
    nowMs += 60 * day;
    await server.refresh();
    await device(server.rootJson(), fetchFrom(server), unset).findManifest(release);
    // A forger who could wind the version on would still be 60 days behind: the floor decides, not the clock.
    await rm(join(folder, 'server'), { recursive: true });
    expect(await codeOf(device(server.rootJson(), stale, unset).findManifest(release))).toBe(
      'trust-rollback',
    );
    const floor = start + 60 * day;
    await rm(join(folder, 'device'), { recursive: true });
    expect(await codeOf(device(server.rootJson(), stale, () => floor).findManifest(release))).toBe(
      'trust-expired',
    );
  });

  it('refuses more data than a file may have, and says so when nothing can be fetched', async () => {
    const server = await open();
    const release = await publish(server, 1);
    const limits: number[] = [];
    const endless: FetchFile = async (path, maxBytes) => {
      limits.push(maxBytes);
      return path.includes('root') ? undefined : Buffer.alloc(maxBytes + 1, 32);
    };
    expect(await codeOf(device(server.rootJson(), endless).findManifest(release))).toBe('trust-refused');
    expect(Math.max(...limits)).toBeLessThanOrEqual(65_536);
    const unplugged: FetchFile = async () => {
      throw new Error('no connection');
    };
    expect(await codeOf(device(server.rootJson(), unplugged).findManifest(release))).toBe(
      'trust-unreachable',
    );
    const empty: FetchFile = async () => undefined;
    expect(await codeOf(device(server.rootJson(), empty).findManifest(release))).toBe('trust-unreachable');
  });

  it('starts again from the root of its enrolment when a power cut tore what it had stored', async () => {
    const server = await open();
    const release = await publish(server, 1);
    const client = device(server.rootJson(), fetchFrom(server));
    await client.findManifest(release);
    const [state] = await readdir(join(folder, 'device'));
    for (const name of ['root.json', 'timestamp.json', 'snapshot.json', 'targets.json'])
      await writeFile(join(folder, 'device', state!, name), '{"sig');
    expect(await codeOf(client.findManifest(release))).toBe('accepted');
    expect(await readdir(join(folder, 'device', state!))).toHaveLength(4);
  });

  it('forgets what another control plane taught it when it is enrolled anew', async () => {
    const server = await open();
    await device(server.rootJson(), fetchFrom(server)).findManifest(await publish(server, 1));
    await publish(server, 2);
    const replaced = await open('replaced');
    const release = await publish(replaced, 1);
    expect(await codeOf(device(replaced.rootJson(), fetchFrom(replaced)).findManifest(release))).toBe(
      'accepted',
    );
  });
});

describe('the repository', () => {
  it('keeps its keys for itself alone, outside of what it serves', async () => {
    const server = await open();
    const keys = await readdir(join(folder, 'server', 'keys'));
    expect(keys.sort()).toEqual([
      'log.jsonl',
      ...['root', 'snapshot', 'targets', 'timestamp'].map((role) => `trust-${role}.pem`),
    ]);
    for (const key of keys) {
      const { mode } = await stat(join(folder, 'server', 'keys', key));
      expect(mode & 0o777).toBe(0o600);
      expect(await server.readMetadata(`../keys/${key}`)).toBeUndefined();
    }
    for (const name of ['..', '.', 'timestamp.json.tmp', '0.root.json', '/etc/passwd'])
      expect(await server.readMetadata(name)).toBeUndefined();
    for (const file of await readdir(join(folder, 'server', 'trust')))
      expect((await readFile(join(folder, 'server', 'trust', file))).toString()).not.toContain('PRIVATE');
  });

  it('keeps the meaning of a version that was published', async () => {
    const server = await open();
    const release = await publish(server, 1);
    const before = await readdir(join(folder, 'server', 'trust'));
    await publish(server, 1);
    expect(await readdir(join(folder, 'server', 'trust'))).toEqual(before);
    expect(await codeOf(publish(server, 1, 'something else'))).toBe('release-differs');
    await publish(server, 12);
    expect(await server.newestVersion('apples')).toBe(12);
    expect(await server.newestVersion('apple')).toBe(0);
    expect(await codeOf(device(server.rootJson(), fetchFrom(server)).findManifest(release))).toBe('accepted');
  });

  it('publishes ten manifests that were asked for at once', async () => {
    const server = await open();
    const releases = await Promise.all(Array.from({ length: 10 }, (_, i) => publish(server, i + 1)));
    const client = device(server.rootJson(), fetchFrom(server));
    for (const release of releases) expect(await codeOf(client.findManifest(release))).toBe('accepted');
  });

  it('loses nothing when two processes publish at once, also after one was killed while it did', async () => {
    const [first, second] = await Promise.all([open(), open()]);
    const releases = await Promise.all(
      [1, 2, 3, 4, 5, 6].map((version) => publish(version % 2 === 0 ? first : second, version)),
    );
    await writeFile(join(folder, 'server', 'keys', 'trust.lock'), String(process.pid));
    releases.push(await publish(first, 7));
    const gone = Number(execFileSync(process.execPath, ['-p', 'process.pid']).toString());
    await writeFile(join(folder, 'server', 'keys', 'trust.lock'), String(gone));
    releases.push(await publish(second, 8));
    const client = device(second.rootJson(), fetchFrom(second));
    for (const release of releases) expect(await codeOf(client.findManifest(release))).toBe('accepted');
  });

  it('goes on after a crash between the list and the timestamp', async () => {
    const server = await open();
    await publish(server, 1);
    const timestamp = join(folder, 'server', 'trust', 'timestamp.json');
    const committed = await readFile(timestamp);
    await publish(server, 2, 'never committed');
    await writeFile(timestamp, committed);
    const again = await open();
    const release = await publish(again, 2, 'committed');
    expect(await codeOf(device(again.rootJson(), fetchFrom(again)).findManifest(release))).toBe('accepted');
  });

  it('keeps the last twenty versions of the list only', async () => {
    const server = await open();
    for (let version = 1; version <= 24; version++) await publish(server, version);
    const names = await readdir(join(folder, 'server', 'trust'));
    expect(names.filter((name) => name.endsWith('targets.json'))).toHaveLength(20);
    expect(
      await codeOf(device(server.rootJson(), fetchFrom(server)).findManifest(await publish(server, 1))),
    ).toBe('accepted');
  });

  it('does not start without the keys that sign every day, or with a missing file', async () => {
    await open();
    await rm(join(folder, 'server', 'keys', 'trust-snapshot.pem'));
    expect(await codeOf(open())).toBe('trust-repository');
    await open('other');
    await rm(join(folder, 'other', 'trust', '1.snapshot.json'));
    expect(await codeOf(open('other'))).toBe('trust-repository');
  });
});
