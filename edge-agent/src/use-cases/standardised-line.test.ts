/** What a model is shown on the line is what the same pixels are as a photograph, or in a dataset. */
import {
  cropFruit,
  defaultLineGeometry,
  defaultRecipe,
  type Frame,
  LineBackground,
  locateFruit,
  Standardiser,
} from '@pomona/grading';
import type { Standardise } from '@pomona/wire';
import { expect, it } from 'vitest';
import { renderFrame, standInFruits } from '../testing/stand-in-line.ts';
import { GradeLine } from './grade-line.ts';

const geometry = { ...defaultLineGeometry, frameWidthPx: 480, frameHeightPx: 240, mmPerPx: 1.2 };
const labels = ['good', 'ok', 'bad'];
const inputSize = 16;
const cropBytes = inputSize ** 2 * 3;
const stepMm = 27.5;

/** Warm light on a belt, fruit of all three colours. */
function film(): Frame[] {
  const fruits = standInFruits(2, 3, 130, 480);
  return Array.from({ length: 40 }, (_, seq) => {
    const frame = renderFrame(geometry, fruits, { seq, capturedAtMs: seq * 80, encoderMm: seq * stepMm });
    const warm = [1.15, 1, 0.85];
    return { ...frame, data: frame.data.map((value, i) => Math.round(value * warm[i % 3]!)) };
  });
}

/** Every crop that the model is shown, in order. */
async function shown(frames: readonly Frame[], standardise?: Standardise): Promise<Uint8Array[]> {
  const background = new LineBackground(geometry.frameWidthPx, geometry.frameHeightPx);
  const crops = new Uint8Array(32 * cropBytes);
  const seen: Uint8Array[] = [];
  let seq = 0;
  const line = new GradeLine(
    { boot: '00000000000000aa', geometry, gateLeadMs: 0 },
    {
      clock: { nowMs: () => 0, monotonicMs: () => 0 },
      outbox: { nextSeq: () => seq++, append: () => true },
      gate: { shoot: () => {}, observe: () => {} },
      locate: (frame) => locateFruit(frame, background, geometry),
      onTrouble: (code, message) => expect.unreachable(`${code}: ${message}`),
    },
  );
  const ref = { name: 'tiny', version: 1, digest: 'a'.repeat(64) };
  const release = { ref, modelFile: '/nowhere', variant: 'fp32', labels, inputSize };
  const model = {
    ...{ labels, inputSize, capacity: 32, crops, release: async () => {} },
    async run(count: number) {
      for (let i = 0; i < count; i++) seen.push(crops.slice(i * cropBytes, (i + 1) * cropBytes));
      return new Float32Array(count * labels.length).fill(1 / labels.length);
    },
  };
  line.use(standardise === undefined ? release : { ...release, standardise }, model, defaultRecipe(labels));
  for (const frame of frames) await line.grade(frame);
  await line.close();
  return seen;
}

it.each([
  { whiteBalance: 'grey-surroundings' },
  { contrast: 'equalised' },
  { whiteBalance: 'grey-surroundings', contrast: 'equalised' },
] as const)('shows a model crops with %j, and no others', async (setting) => {
  const frames = film();
  const background = new LineBackground(geometry.frameWidthPx, geometry.frameHeightPx);
  const expected = new Set<string>();
  for (const frame of frames) {
    const blobs = locateFruit(frame, background, geometry);
    for (const blob of blobs) {
      const standardiser = new Standardiser(setting);
      standardiser.look(frame, blobs);
      const crop = new Uint8Array(cropBytes);
      cropFruit(frame, blob, inputSize, crop, 0, standardiser);
      expected.add(Buffer.from(crop).toString('hex'));
    }
  }
  const crops = await shown(frames, setting);
  expect(crops.length).toBeGreaterThan(20);
  for (const crop of crops) expect(expected).toContain(Buffer.from(crop).toString('hex'));
  const plain = await shown(frames);
  expect(plain.length).toBe(crops.length);
  expect(crops.filter((crop, i) => Buffer.compare(crop, plain[i]!) === 0).length).toBe(0);
});
