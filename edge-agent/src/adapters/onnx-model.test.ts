import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type TinyModel, tinyOnnx } from '../testing/tiny-onnx.ts';
import { loadOnnxModel } from './onnx-model.ts';

const folder = mkdtempSync(join(tmpdir(), 'onnx-model-'));
afterAll(() => rmSync(folder, { recursive: true }));
const labels = ['good', 'ok', 'bad'];

function tinyFile(model: Partial<TinyModel> = {}): string {
  const file = join(folder, `${JSON.stringify(model).replace(/\W+/g, '-')}.onnx`);
  writeFileSync(file, tinyOnnx({ inputSize: 16, labels: 3, ...model }));
  return file;
}

describe('loadOnnxModel', () => {
  it('runs all crops of a frame at once, in order, again and again', async () => {
    const model = await loadOnnxModel({ modelFile: tinyFile(), labels, inputSize: 16 });
    const bytes = 16 * 16 * 3;
    for (const count of [5, 1, 32, 5]) {
      model.crops.fill(0);
      for (let i = 0; i < count; i++) {
        for (let p = 0; p < 16 * 16; p++) model.crops[i * bytes + p * 3 + (i % 3)] = 200;
      }
      const rows = await model.run(count);
      expect(rows.length).toBe(count * 3);
      for (let i = 0; i < count; i++) {
        expect(rows[i * 3 + (i % 3)]).toBeCloseTo(1 / (1 + 2 * Math.exp(-10)), 5);
      }
    }
    await model.release();
  });

  const mismatch = (modelFile: string, ...parts: string[]) =>
    expect(loadOnnxModel({ modelFile, labels, inputSize: 16 })).rejects.toMatchObject({
      code: 'model-mismatch',
      message: expect.stringMatching(parts.join('.*')),
    });

  it('says all that differs from the release', async () => {
    await mismatch(
      tinyFile({ inputSize: 24, labels: 2 }),
      'input "images" is \\[n, 24, 24, 3\\], not \\[n, 16, 16, 3\\]',
      'output "probabilities" is \\[n, 2\\], not \\[n, 3\\]',
    );
    await mismatch(tinyFile({ inputType: 'float32' }), 'input "images" is float32, not uint8');
    await mismatch(tinyFile({ batch: 4 }), 'takes 4 crops at a time');
  });

  it('says that a file is no model', async () => {
    const modelFile = join(folder, 'garbage.onnx');
    writeFileSync(modelFile, Buffer.from('this is no model'));
    for (const file of [modelFile, join(folder, 'missing.onnx')]) {
      await expect(loadOnnxModel({ modelFile: file, labels, inputSize: 16 })).rejects.toMatchObject({
        code: 'model-unreadable',
      });
    }
  });
});
