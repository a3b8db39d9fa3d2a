import { type Manifest, parseManifest } from '@pomona/release';
import { standardiseVersion } from '@pomona/wire';
import { InferenceSession } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { sampleRecipe, sampleReleaseFiles } from '../testing/sample-release.ts';
import { tinyOnnx } from '../testing/tiny-onnx.ts';
import { checkPreflight, memoryOf, opsetMax } from './preflight.ts';

const manifest = parseManifest(sampleReleaseFiles(1).manifest);
const check = (change: Partial<Manifest>, recipe = sampleRecipe(), free?: number) =>
  checkPreflight({ ...manifest, ...change }, recipe, free);

describe('before a release is fetched', () => {
  it('lets through what this board runs, also of before there was a runtime in the manifest', () => {
    check({});
    check({ runtime: { onnx: { opset: opsetMax } } });
    check({ runtime: { onnx: { opset: opsetMax }, standardise: { opset: standardiseVersion } } });
    checkPreflight(manifest, undefined, undefined);
    check({}, sampleRecipe(), memoryOf(manifest));
  });

  it.each([
    [{ onnx: { opset: opsetMax + 1 } }, `needs ONNX opset ${opsetMax + 1}`],
    [{ onnx: { opset: 17 }, tensorrt: { opset: 1 } }, 'needs the runtime tensorrt'],
    [{ standardise: { opset: standardiseVersion + 1 } }, 'needs crops standardised by version 2'],
  ])('refuses the runtime %j', (runtime, reason) => {
    expect(() => check({ runtime })).toThrow(
      expect.objectContaining({ code: 'release-runtime', retryable: false }),
    );
    expect(() => check({ runtime })).toThrow(reason);
  });

  it('refuses labels that the recipe in force does not fit', () => {
    expect(() => check({ labels: ['sound', 'rotten'] })).toThrow(
      expect.objectContaining({ code: 'recipe-invalid', retryable: false }),
    );
  });

  it('waits for memory, and wants more for a larger model and larger views', () => {
    expect(() => check({}, sampleRecipe(), memoryOf(manifest) - 1)).toThrow(
      expect.objectContaining({ code: 'memory-short', retryable: true }),
    );
    const files = manifest.files.map((file) => ({ ...file, bytes: file.bytes * 100 }));
    expect(memoryOf({ ...manifest, files })).toBeGreaterThan(memoryOf(manifest));
    expect(memoryOf({ ...manifest, input: { ...manifest.input, size: 512 } })).toBeGreaterThan(300e6);
  });

  it('knows the newest opset of the runtime that is there', async () => {
    const reasonOf = async (opset: number) => {
      const bytes = tinyOnnx({ inputSize: 8, labels: 3 });
      // The file ends with it.
      bytes[bytes.length - 1] = opset;
      return InferenceSession.create(bytes, { logSeverityLevel: 4 }).then(() => '', String);
    };
    expect(await reasonOf(17)).toBe('');
    // This small model has a form that newer ones left; the runtime reads on as far as that.
    expect(await reasonOf(opsetMax)).not.toMatch(/opset/i);
    expect(await reasonOf(opsetMax + 1)).toMatch(/opset/i);
  });
});
