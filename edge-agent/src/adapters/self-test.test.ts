import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { tinyOnnx } from '../testing/tiny-onnx.ts';
import { type SelfTestRequest, selfTestRelease } from './self-test.ts';

const program = new URL('../../dist/self-test-main.js', import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'self-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const size = 16;
const modelFile = join(folder, 'model.onnx');
writeFileSync(modelFile, tinyOnnx({ inputSize: size, labels: 3 }));
const golden = join(folder, 'golden.u8');
writeFileSync(
  golden,
  Uint8Array.from({ length: 3 * size * size * 3 }, (_, i) =>
    Math.floor(i / (size * size * 3)) === i % 3 ? 80 : 0,
  ),
);

const high = 1 / (1 + 2 * Math.exp(-4));
const low = Math.exp(-4) * high;
const right: SelfTestRequest = {
  modelFile,
  labels: ['good', 'ok', 'bad'],
  inputSize: size,
  golden,
  expected: [
    [high, low, low],
    [low, high, low],
    [low, low, high],
  ],
  tolerance: 1e-4,
};
const test = (change: Partial<SelfTestRequest>) => selfTestRelease({ ...right, ...change }, { program });

describe('selfTestRelease', () => {
  it('accepts a release that gives what it promises', async () => {
    const result = await test({});
    expect(result).toMatchObject({ ok: true, reason: '' });
    expect(result.maxDelta).toBeLessThan(1e-5);
    expect(result.msPerView).toBeGreaterThan(0);
  });

  it('refuses one that gives something else, and says by how much', async () => {
    const result = await test({
      expected: right.expected.map((row, i) => (i === 1 ? [low, high - 0.01, low] : row)),
    });
    expect(result.ok).toBe(false);
    expect(result.maxDelta).toBeCloseTo(0.01, 5);
    expect(result.reason).toContain('0.0100');
  });

  it('refuses golden views of another size, or none', async () => {
    expect((await test({ inputSize: 32 })).reason).toContain('not 9216');
    expect((await test({ expected: [] })).ok).toBe(false);
    expect((await test({ expected: [[1], [1], [1]] })).reason).toContain('per label');
    const result = await test({ golden: join(folder, 'missing.u8') });
    expect(result).toMatchObject({ ok: false, reason: expect.stringContaining('ENOENT') });
  });

  it('refuses a model that does not load or does not fit', async () => {
    expect((await test({ modelFile: golden })).reason).toContain('ONNX Runtime cannot load');
    const four = join(folder, 'four.onnx');
    writeFileSync(four, tinyOnnx({ inputSize: size, labels: 4 }));
    expect((await test({ modelFile: four })).reason).toContain('[n, 4], not [n, 3]');
  });

  it('refuses a model that takes its process down, which is not this one', async () => {
    const crashing = join(folder, 'crashing.mjs');
    writeFileSync(crashing, "process.once('message', () => process.kill(process.pid, 'SIGSEGV'));");
    const result = await selfTestRelease(right, { program: pathToFileURL(crashing) });
    expect(result).toMatchObject({ ok: false, reason: 'its process was ended by SIGSEGV' });
  });

  it('says nothing of a release whose process had no room: it is to be tried again', async () => {
    const short = { code: 'memory-short', retryable: true };
    const killed = join(folder, 'killed.mjs');
    writeFileSync(killed, "process.once('message', () => process.kill(process.pid, 'SIGKILL'));");
    const ended = selfTestRelease(right, { program: pathToFileURL(killed) });
    await expect(ended).rejects.toMatchObject({
      ...short,
      message: expect.stringContaining('ended by SIGKILL'),
    });
    const { execPath } = process;
    process.execPath = join(folder, 'nothing');
    try {
      const message = expect.stringContaining('could not be started');
      await expect(test({})).rejects.toMatchObject({ ...short, message });
    } finally {
      process.execPath = execPath;
    }
  });

  it('refuses what takes too long', async () => {
    const result = await selfTestRelease(right, { program, timeoutMs: 0 });
    expect(result).toMatchObject({ ok: false, reason: 'it took longer than 0 ms' });
  });
});
