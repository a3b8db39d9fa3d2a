import { chunkMapOf, digestOf, encodeManifest, type Manifest } from '@pomona/release';
import { type Desired, type Recipe, type ReleaseRef, seededRandom } from '@pomona/wire';
import { sampleAt } from './sample-records.ts';
import { tinyOnnx } from './tiny-onnx.ts';

export const sampleAddress = { site: 'valley', line: 'line-1', station: 'valley-1-a' };

export interface SampleRelease {
  readonly ref: ReleaseRef;
  readonly manifest: Buffer;
  /** By digest. */
  readonly blobs: ReadonlyMap<string, Uint8Array>;
}

/** A release of random bytes: whole in every way but that no runtime would load it. */
export function sampleReleaseFiles(version: number, modelBytes = 5_000): SampleRelease {
  return releaseOf(version, randomBytes(version, modelBytes));
}

/** One whose files say what is in them; the golden views are those of `goldenOf`, a version. */
export function releaseOf(version: number, model: Uint8Array, goldenOf = version): SampleRelease {
  return assemble(version, 8, model, randomBytes(goldenOf + 1_000, 2 * 8 * 8 * 3), [
    [1, 0, 0],
    [0, 1, 0],
  ]);
}

/** A release that a runtime loads, and that grades by the colour of a fruit; `bias` is added to the logit of each label. */
export function runnableReleaseFiles(
  version: number,
  inputSize = 16,
  bias: readonly number[] = [0, 0, 0],
): SampleRelease {
  const model = tinyOnnx({ inputSize, labels: 3, bias });
  const golden = new Uint8Array(2 * inputSize * inputSize * 3).fill(100);
  const sum = bias.reduce((total, each) => total + Math.exp(each), 0);
  const expected = bias.map((each) => Math.exp(each) / sum);
  return assemble(version, inputSize, model, golden, [expected, expected]);
}

function assemble(
  version: number,
  inputSize: number,
  model: Uint8Array,
  golden: Uint8Array,
  expected: Manifest['golden']['expected'],
): SampleRelease {
  const manifest: Manifest = {
    v: 1,
    name: 'apples',
    version,
    createdAt: sampleAt,
    labels: ['good', 'ok', 'bad'],
    input: { size: inputSize, layout: 'nhwc-uint8-rgb' },
    variants: [{ name: 'fp32', file: 'model.onnx' }],
    files: [
      { name: 'model.onnx', ...chunkMapOf(model, 1_024) },
      { name: 'golden.u8', ...chunkMapOf(golden, 1_024) },
    ],
    golden: { file: 'golden.u8', count: 2, expected, tolerance: 0.01 },
    temperature: 1,
    dataset: { name: 'apples', digest: 'd'.repeat(64) },
    network: 'sequential',
    parameters: {},
    seed: 1,
    codeRevision: 'test',
    evaluation: {
      unit: 'fruit',
      images: 0,
      groups: 0,
      accuracy: 1,
      balancedAccuracy: 1,
      macroF1: 1,
      confusion: [],
      perClass: [],
      ece: 0,
      byGroup: [],
    },
    trainImagesPerSecond: 0,
  };
  const bytes = encodeManifest(manifest);
  return {
    ref: { name: 'apples', version, digest: digestOf(bytes) },
    manifest: bytes,
    blobs: new Map([model, golden].map((blob) => [digestOf(blob), blob])),
  };
}

export function sampleRecipe(version = 1, defaultGrade = 'bad'): Recipe {
  return {
    v: 1,
    version,
    defaultGrade,
    viewsMin: 2,
    ceilings: [],
    gates: [
      { grade: 'good', gate: 0 },
      { grade: 'ok', gate: 1 },
      { grade: 'bad', gate: 2 },
    ],
  };
}

export function sampleDesired(counter: number, release: ReleaseRef | null, recipe = sampleRecipe()): Desired {
  return { v: 1, ...sampleAddress, counter, at: sampleAt, release, recipe };
}

export function randomBytes(seed: number, length: number): Uint8Array {
  const random = seededRandom(seed, 'sample release');
  return Uint8Array.from({ length }, () => Math.floor(random.next() * 256));
}
