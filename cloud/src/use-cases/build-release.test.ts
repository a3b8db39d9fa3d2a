import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkChunk, digestOf, openTrustRepository, parseManifest, TrustedReleases } from '@pomona/release';
import type { AppError } from '@pomona/wire';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BlobFolder } from '../adapters/blob-folder.ts';
import { readTrainingArtifacts } from '../adapters/training-artifacts.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { evaluation, golden, summary } from '../testing/sample-training.ts';
import { buildRelease } from './build-release.ts';

let data: string;
let out: string;
const clock = new ManualClock();

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'release-'));
  out = await mkdtemp(join(tmpdir(), 'training-'));
  await writeFile(join(out, 'model-fp32.onnx'), Buffer.alloc(70_000, 3));
  await writeFile(join(out, 'model-int8.onnx'), Buffer.alloc(20_000, 5));
  await writeFile(join(out, 'weights.f32'), Buffer.alloc(64, 7));
  await writeFile(join(out, 'golden.u8'), Buffer.alloc(192, 9));
  await writeFile(join(out, 'golden.json'), JSON.stringify(golden));
  await writeFile(join(out, 'training.json'), JSON.stringify(summary));
});
afterEach(async () => {
  await rm(data, { recursive: true, force: true });
  await rm(out, { recursive: true, force: true });
});

const openTrust = () =>
  openTrustRepository({ folder: join(data, 'trust'), keysFolder: join(data, 'keys'), clock });

async function build(version = 1) {
  const trust = await openTrust();
  const artifacts = await readTrainingArtifacts(out);
  const ports = { trust, blobs: new BlobFolder(data), clock };
  return {
    trust,
    ...(await buildRelease(ports, { name: 'apples', version, artifacts, codeRevision: 'abc' })),
  };
}

describe('building a release', () => {
  it('gives a device all that it needs, from the signed list down to each chunk', async () => {
    const { trust, release, releaseBytes } = await build();
    const fetchFile = async (path: string) =>
      path.startsWith('metadata/') ? trust.readMetadata(path.slice(9)) : readFile(join(data, path));
    const device = new TrustedReleases({
      folder: join(data, 'device'),
      rootJson: trust.rootJson(),
      fetchFile,
      nowMs: () => clock.nowMs(),
    });
    const { bytes } = await device.findManifest(release);
    const manifest = parseManifest(bytes);
    expect(manifest).toMatchObject({
      ...{
        name: 'apples',
        version: 1,
        labels: ['good', 'bad'],
        temperature: 1.5,
        seed: 7,
        codeRevision: 'abc',
      },
      runtime: { onnx: { opset: 17 } },
      golden: { count: 1, expected: [[0.75, 0.25]] },
      evaluation,
    });
    let total = bytes.byteLength;
    for (const file of manifest.files) {
      const blob = await readFile(join(data, 'blobs', file.digest));
      file.chunks.forEach((_, i) => {
        checkChunk(file, i, blob.subarray(i * file.chunkBytes, (i + 1) * file.chunkBytes));
      });
      total += blob.byteLength;
    }
    expect(releaseBytes).toBe(total);
  });

  it('describes the model for the registry, with the digest of what was signed', async () => {
    const { model, release } = await build();
    expect(model).toMatchObject({ name: 'apples', version: 1, digest: release.digest, evaluation });
    expect(digestOf(await readFile(join(data, 'blobs', model.digest)))).toBe(model.digest);
  });

  it('asks a board for what is done to the colours of its crops, as for a runtime, which agents of before refuse', async () => {
    const standardise = { whiteBalance: 'grey-surroundings' } as const;
    await writeFile(join(out, 'training.json'), JSON.stringify({ ...summary, standardise }));
    const { manifest, model } = await build();
    expect(manifest.input).toEqual({ size: 8, layout: 'nhwc-uint8-rgb', standardise });
    expect(manifest.runtime).toEqual({ onnx: { opset: 17 }, standardise: { opset: 1 } });
    expect(model.standardise).toEqual(standardise);
  });

  it('takes the next number when that version was published and never registered', async () => {
    const first = await build();
    await writeFile(join(out, 'model-fp32.onnx'), Buffer.alloc(70_000, 4));
    const second = await build();
    expect([first.release.version, second.release.version, second.model.version]).toEqual([1, 2, 2]);
    expect((await build(7)).release.version).toBe(7);
  });

  it('publishes nothing when the artifacts do not fit each other', async () => {
    await writeFile(join(out, 'golden.u8'), Buffer.alloc(191));
    await expect(build()).rejects.toMatchObject({ code: 'manifest-invalid' });
    const trust = await openTrust();
    expect((await trust.readMetadata('1.targets.json'))?.toString()).toContain('"targets":{}');
    expect(await trust.readMetadata('2.targets.json')).toBeUndefined();
  });

  it('says what to do when training left nothing whole', async () => {
    await rm(join(out, 'training.json'));
    const error = await readTrainingArtifacts(out).catch((reason: AppError) => reason);
    expect(error).toMatchObject({
      code: 'training-incomplete',
      hint: expect.stringContaining('Train again'),
    });
  });
});
