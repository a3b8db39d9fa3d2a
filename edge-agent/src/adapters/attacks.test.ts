/**
 * What an attacker who owns the network, the broker or a key can try on a station, each tried: the station refuses, says
 * why, keeps running what it ran, and takes the right release when the attack is over.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canonicalJson, digestOf, type Manifest, signDesired } from '@pomona/release';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AttackedStation } from '../testing/attacked-station.ts';
import { type SampleRelease, sampleDesired, sampleReleaseFiles } from '../testing/sample-release.ts';

const day = 86_400_000;
const [one, two, three] = [1, 2, 3].map((version) => sampleReleaseFiles(version, 9_000)) as [
  SampleRelease,
  SampleRelease,
  SampleRelease,
];
let folder = '';
let station: AttackedStation;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pomona-attack-'));
  station = new AttackedStation(folder);
  await station.start();
  await station.publish(one);
  expect(await station.desire(1, one.ref)).toBe('active');
});
afterEach(async () => {
  await station.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Resolves to what the station said; after it, the station still runs 1 alone and holds nothing that could run but 1. */
async function unharmed(outcome: Promise<string>): Promise<string> {
  const said = await outcome;
  expect(new Set(station.runs)).toEqual(new Set([1]));
  const names = readdirSync(join(station.dataDir, 'releases'));
  expect(names.filter((name) => !name.endsWith('.partial'))).toEqual([one.ref.digest]);
  return said;
}

const keptMetadata = () => {
  const trust = join(folder, 'server', 'trust');
  return new Map(readdirSync(trust).map((name) => [name, readFileSync(join(trust, name))]));
};

/** A release whose manifest was changed by someone who can publish; nothing checked it on the way. */
function changed(release: SampleRelease, change: (manifest: Manifest) => object): SampleRelease {
  const manifest = Buffer.from(canonicalJson(change(JSON.parse(release.manifest.toString()) as Manifest)));
  return { ...release, manifest, ref: { ...release.ref, digest: digestOf(manifest) } };
}

describe('a station whose metadata is attacked', () => {
  it('refuses a rollback of the signed list', async () => {
    const before = keptMetadata();
    await station.publish(two);
    expect(await station.desire(2, two.ref)).toBe('active');
    station.metadata = (name) => before.get(name);
    expect(await station.desire(3, three.ref)).toMatch(/^failed: .*trust-rollback/);
    expect(new Set(station.runs)).toEqual(new Set([1, 2]));
  });

  it('refuses a view of the world that was frozen', async () => {
    const before = keptMetadata();
    await station.publish(two);
    station.metadata = (name) => before.get(name);
    expect(await unharmed(station.desire(2, two.ref))).toMatch(/release-unknown/);
    await station.time.advance(31 * day);
    expect(await unharmed(station.desire(3, three.ref))).toMatch(/trust-expired/);
  });

  it.each(['snapshot', 'targets'])('refuses %s of one publication with the rest of another', async (role) => {
    await station.publish(two);
    const before = keptMetadata();
    await station.publish(three);
    const old = [...before].filter(([name]) => name.endsWith(`.${role}.json`)).at(-1)![1];
    station.metadata = (name, bytes) => (name.endsWith(`${role}.json`) ? old : bytes);
    expect(await unharmed(station.desire(2, three.ref))).toMatch(/trust-refused/);
  });

  it('refuses a list without end, and reads no more of it than a list may have', async () => {
    await station.publish(two);
    station.metadata = (name, bytes) =>
      name === 'timestamp.json' ? Buffer.concat([bytes!, Buffer.alloc(50_000_000, 0x20)]) : bytes;
    const asked = station.server.requests.length;
    expect(await unharmed(station.desire(2, two.ref))).toMatch(/transfer-oversized/);
    expect(station.server.requests.slice(asked).filter(({ path }) => /timestamp/.test(path))).toHaveLength(1);
  });

  it('refuses metadata that was cut short', async () => {
    await station.publish(two);
    station.metadata = (name, bytes) => (name === 'timestamp.json' ? bytes?.subarray(0, 400) : bytes);
    expect(await unharmed(station.desire(2, two.ref))).toMatch(/trust-refused/);
  });

  it('refuses what another control plane signed, and takes the right one afterwards', async () => {
    const stranger = await station.openTrust(join(folder, 'stranger'));
    await station.publish(two, two.ref, stranger);
    const strange = new Map<string, Buffer>();
    for (const name of readdirSync(join(folder, 'stranger', 'trust')))
      strange.set(name, readFileSync(join(folder, 'stranger', 'trust', name)));
    station.metadata = (name) => strange.get(name);
    expect(await unharmed(station.desire(2, two.ref))).toMatch(/trust-refused/);
    station.metadata = (_, bytes) => bytes;
    await station.publish(two);
    expect(await station.desire(3, two.ref)).toBe('active');
  });

  it('refuses a change of the list behind the back of its keys', async () => {
    await station.publish(two);
    station.metadata = (name, bytes) =>
      name.endsWith('targets.json')
        ? Buffer.from(bytes!.toString().replace(two.ref.digest, three.ref.digest))
        : bytes;
    const meant = { ...two.ref, digest: three.ref.digest };
    expect(await unharmed(station.desire(2, meant))).toMatch(/trust-refused/);
  });
});

describe('a station whose orders are attacked', () => {
  it('refuses one for another station, one of another key and one that comes again', async () => {
    await station.publish(two);
    for (const part of ['site', 'line', 'station'] as const)
      expect(await unharmed(station.desire(2, two.ref, { [part]: 'elsewhere' }))).toBe(
        'desired-wrong-station',
      );
    const other = new AttackedStation(folder).desiredKey;
    expect(await unharmed(station.receive(signDesired(sampleDesired(2, two.ref), other)))).toBe(
      'envelope-signature',
    );
    const old = signDesired(sampleDesired(1, one.ref), station.desiredKey);
    expect(await station.desire(2, two.ref)).toBe('active');
    expect(await station.receive(old)).toBe('desired-old-counter');
    expect(station.runs.at(-1)).toBe(2);
  });

  it('remembers across a restart which orders it has seen', async () => {
    await station.publish(two);
    const old = signDesired(sampleDesired(1, one.ref), station.desiredKey);
    expect(await station.desire(2, two.ref)).toBe('active');
    await station.stop();
    await station.start();
    expect(await station.receive(old)).toBe('desired-old-counter');
  });

  it('refuses a release of another product under the right name', async () => {
    const pears = changed(two, (manifest) => ({ ...manifest, name: 'pears' }));
    await station.publish(pears, two.ref);
    expect(await unharmed(station.desire(2, pears.ref))).toMatch(
      /^failed: its manifest says that it is pears 2/,
    );
  });
});

describe('a station whose chunks are attacked', () => {
  it('refuses a poisoned chunk as often as it comes, and fetches the rest only once', async () => {
    await station.publish(two);
    let poison = 3;
    station.server.distort = (chunk) => {
      const isTarget = chunk.chunkBytes === 1_024 && chunk.index === 2 && chunk.data.byteLength > 0;
      if (!isTarget || poison-- <= 0) return [chunk];
      return [{ ...chunk, data: Uint8Array.from(chunk.data, (byte) => byte ^ 1) }];
    };
    expect(await station.desire(2, two.ref)).toBe('active');
    expect(station.rejected.filter((cause) => cause === 'wrong-hash').length).toBe(3);
  });

  it.each<[string, (chunk: { data: Uint8Array; totalBytes: number }) => object]>([
    ['poisoned for ever', ({ data }) => ({ data: Uint8Array.from(data, (byte) => byte ^ 1) })],
    ['cut short', ({ data }) => ({ data: data.subarray(0, 100) })],
    ['longer than it may be', ({ data }) => ({ data: Buffer.concat([data, Buffer.alloc(1)]) })],
  ])('refuses a file whose chunks are %s', async (_, change) => {
    await station.publish(two);
    station.server.distort = (chunk) =>
      chunk.chunkBytes === 1_024 && chunk.status === 'data' ? [{ ...chunk, ...change(chunk) }] : [chunk];
    expect(await unharmed(station.desire(2, two.ref))).toMatch(
      /^failed: .*(transfer-damaged|transfer-silent)/,
    );
  });

  it('refuses a manifest that was changed on its way', async () => {
    await station.publish(two);
    const path = `blobs/${two.ref.digest}`;
    const bytes = Buffer.from(station.server.files.get(path)!);
    bytes[bytes.indexOf('good')] = 'f'.charCodeAt(0);
    station.server.files.set(path, bytes);
    expect(await unharmed(station.desire(2, two.ref))).toMatch(/trust-refused/);
  });

  it('refuses golden views that were changed on their way, and expectations that were', async () => {
    const manifest = JSON.parse(two.manifest.toString()) as Manifest;
    const { digest } = manifest.files.find(({ name }) => name === manifest.golden.file)!;
    await station.publish(two);
    station.server.files.set(`blobs/${digest}`, Buffer.alloc(two.blobs.get(digest)!.byteLength, 9));
    expect(await unharmed(station.desire(2, two.ref))).toMatch(/transfer-damaged/);
    const lenient = changed(two, ({ golden, ...rest }) => ({
      ...rest,
      golden: { ...golden, tolerance: 0.5 },
    }));
    station.server.files.set(`blobs/${two.ref.digest}`, lenient.manifest);
    expect(await unharmed(station.desire(3, two.ref))).toMatch(/^failed: /);
    expect(await unharmed(station.desire(4, lenient.ref))).toMatch(/release-differs/);
  });

  it.each(['../../evil', '/tmp/evil', '..', 'a/../../evil', 'C:\\evil', '.journal', 'evil\u0000.onnx'])(
    'refuses a signed manifest with the file name %j, and writes nothing',
    async (name) => {
      const evil = changed(two, ({ files: [first, ...others], ...rest }) => ({
        ...rest,
        files: [{ ...first, name }, ...others],
      }));
      await station.publish(evil);
      const before = readdirSync(folder, { recursive: true });
      expect(await unharmed(station.desire(2, evil.ref))).toMatch(/^failed: .*manifest-invalid/);
      const isTrust = (path: unknown) => /(^|\/)(trust|work-)/.test(String(path));
      const left = readdirSync(folder, { recursive: true }).filter((path) => !isTrust(path));
      expect(left.sort()).toEqual(before.filter((path) => !isTrust(path)).sort());
    },
  );

  it('refuses a manifest of a few bytes that asks for terabytes of disk', async () => {
    const digests = Array.from({ length: 65_536 }, () => 'a'.repeat(64));
    const chunks = digests.slice(0, 10_000);
    const sums = chunks.map(() => 0);
    const bomb = changed(two, ({ files: [first, ...others], ...rest }) => ({
      ...rest,
      files: [{ ...first, bytes: 10_000 * 131_072, chunkBytes: 131_072, chunks, sums }, ...others],
    }));
    await station.publish(bomb);
    expect(await unharmed(station.desire(2, bomb.ref))).toMatch(/release-oversized/);
    const hollow = changed(two, ({ files: [first, ...others], ...rest }) => ({
      ...rest,
      files: [{ ...first, bytes: Number.MAX_SAFE_INTEGER }, ...others],
    }));
    await station.publish({ ...hollow, ref: { ...hollow.ref, version: 3 } });
    expect(await unharmed(station.desire(3, { ...hollow.ref, version: 3 }))).toMatch(/manifest-invalid/);
  });
});
