import type { AppError } from '@pomona/wire';
import { describe, expect, it } from 'vitest';
import { chunkMapOf } from './chunk-map.ts';
import { canonicalJson, digestOf } from './digest.ts';
import {
  encodeManifest,
  fileOf,
  type Manifest,
  manifestLimits,
  parseManifest,
  releaseBytes,
} from './manifest.ts';

const golden = Buffer.alloc(2 * 8 * 8 * 3, 7);
const model = Buffer.alloc(70_000, 3);

const manifest: Manifest = {
  v: 1,
  name: 'apples',
  version: 3,
  createdAt: '2026-03-01T00:00:00.000Z',
  labels: ['good', 'bad'],
  input: { size: 8, layout: 'nhwc-uint8-rgb' },
  variants: [{ name: 'fp32', file: 'model.onnx' }],
  files: [
    { name: 'model.onnx', ...chunkMapOf(model) },
    { name: 'golden.u8', ...chunkMapOf(golden) },
  ],
  golden: {
    file: 'golden.u8',
    count: 2,
    expected: [
      [0.9, 0.1],
      [0.2, 0.8],
    ],
    tolerance: 0.001,
  },
  temperature: 1.2,
  dataset: { name: 'orchard', digest: 'a'.repeat(64) },
  network: 'sequential',
  parameters: { epochs: 3, network: 'sequential', augment: true },
  seed: 1,
  codeRevision: 'abc',
  evaluation: {
    unit: 'fruit',
    images: 10,
    groups: 2,
    accuracy: 1,
    balancedAccuracy: 1,
    macroF1: 1,
    confusion: [
      [1, 0],
      [0, 1],
    ],
    perClass: [{ label: 'good', precision: null, recall: 1, f1: null, support: 1 }],
    ece: 0,
    byGroup: [],
  },
  trainImagesPerSecond: 1000,
};

const parse = (value: unknown, limits = manifestLimits) =>
  parseManifest(Buffer.from(JSON.stringify(value)), limits);

function refusal(work: () => unknown): { code: string; message: string } {
  try {
    work();
  } catch (error) {
    const { code, message } = error as AppError;
    return { code, message };
  }
  return { code: 'accepted', message: '' };
}

describe('a manifest', () => {
  it('comes back from its bytes, whatever order its fields were written in', () => {
    expect(parseManifest(encodeManifest(manifest))).toEqual(manifest);
    const reversed = Object.fromEntries(Object.entries(manifest).reverse()) as Manifest;
    expect(digestOf(encodeManifest(reversed))).toBe(digestOf(encodeManifest(manifest)));
    expect(releaseBytes(manifest)).toBe(model.byteLength + golden.byteLength);
    expect(fileOf(manifest, 'golden.u8').bytes).toBe(384);
  });

  it.each([
    '../model.onnx',
    '/model.onnx',
    'a/b',
    'a\\b',
    '.',
    '..',
    '.hidden',
    '',
    'model.onnx\0',
    'x'.repeat(81),
  ])('refuses the file name %j', (name) => {
    const [first, second] = manifest.files;
    const files = [{ ...first!, name }, second!];
    expect(refusal(() => parse({ ...manifest, files })).code).toBe('manifest-invalid');
  });

  it.each<[string, Partial<Manifest>]>([
    ['two files have the same name', { files: [manifest.files[1]!, manifest.files[1]!] }],
    ['manifest.json', { files: [...manifest.files, { ...manifest.files[0]!, name: 'manifest.json' }] }],
    ['two labels', { labels: ['good', 'good'] }],
    ['70000 bytes make 5', { files: [{ ...manifest.files[0]!, chunks: [] }, manifest.files[1]!] }],
    ['fp32 names the file other.onnx', { variants: [{ name: 'fp32', file: 'other.onnx' }] }],
    ['golden views', { golden: { ...manifest.golden, file: 'absent.u8' } }],
    ['3 views take 576', { golden: { ...manifest.golden, count: 3 } }],
    [
      '2 golden views have 1',
      {
        variants: [{ name: 'int8', file: 'model.onnx', golden: { expected: [[0.5, 0.5]], tolerance: 0.02 } }],
      },
    ],
    ['2 golden views have 1', { golden: { ...manifest.golden, expected: [[0.5, 0.5]] } }],
    [
      'it does not ask a board for that',
      { input: { ...manifest.input, standardise: { contrast: 'equalised' } } },
    ],
    ['2 probabilities', { golden: { ...manifest.golden, expected: [[1], [1]] } }],
  ])('is refused when its parts disagree: %s', (detail, change) => {
    const { code, message } = refusal(() => parse({ ...manifest, ...change }));
    expect(code).toBe('manifest-invalid');
    expect(message).toContain(detail);
  });

  it('is refused when it wants colours in a way that this program does not know', () => {
    const runtime = { standardise: { opset: 1 } };
    const withColours = (standardise: object) =>
      refusal(() => parse({ ...manifest, runtime, input: { ...manifest.input, standardise } })).code;
    expect(withColours({ contrast: 'equalised', whiteBalance: 'grey-surroundings' })).toBe('accepted');
    expect(withColours({ whiteBalance: 'by-a-network' })).toBe('manifest-invalid');
    expect(withColours({ contrast: 'equalised', sharpness: 'raised' })).toBe('manifest-invalid');
    expect(withColours({})).toBe('manifest-invalid');
  });

  it('is refused when it is not JSON, not an object, or too large', () => {
    expect(refusal(() => parseManifest(Buffer.from('{'))).code).toBe('manifest-invalid');
    expect(refusal(() => parseManifest(Buffer.from([0xff, 0xfe]))).code).toBe('manifest-invalid');
    expect(refusal(() => parse(null)).code).toBe('manifest-invalid');
    expect(refusal(() => parse({ ...manifest, v: 2 })).message).toContain('/v');
    const small = { ...manifestLimits, manifestBytesMax: 100 };
    expect(refusal(() => parse(manifest, small)).code).toBe('manifest-oversized');
    const full = { ...manifestLimits, releaseBytesMax: releaseBytes(manifest) };
    expect(refusal(() => parse(manifest, full)).code).toBe('accepted');
    const over = { ...manifestLimits, releaseBytesMax: releaseBytes(manifest) - 1 };
    expect(refusal(() => parse(manifest, over)).code).toBe('release-oversized');
  });
});

describe('canonical JSON', () => {
  it('sorts keys at every depth and leaves out what is undefined', () => {
    expect(canonicalJson({ b: [{ z: 1, a: null }], a: 'ü"', c: undefined })).toBe(
      '{"a":"ü\\"","b":[{"a":null,"z":1}]}',
    );
  });

  it('throws on what JSON cannot hold', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, undefined, () => 1, [undefined], 1n])
      expect(() => canonicalJson(value)).toThrow(TypeError);
  });
});
