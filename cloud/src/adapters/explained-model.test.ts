import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Network, networkNamed } from '@pomona/catalog';
import { buildModel, exportOnnx, useOnnxBackend } from '@pomona/training';
import { seededRandom } from '@pomona/wire';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { explanationOf } from '../domain/explanation.ts';
import { ExplainedModel } from './explained-model.ts';

const size = 48;
const labels = ['good', 'ok', 'bad'];
const calibration = { scale: 1.7, shift: [0, 0.4, -0.9] };
const plain: Network = {
  ...{ name: 'plain', summary: 'no map, nothing weighed', pixelScale: 1 / 64 },
  layers: [
    { kind: 'convolution', filters: 8, kernel: 3, stride: 2, activation: 'relu' },
    { kind: 'global-average-pooling' },
    { kind: 'classifier' },
  ],
};
const networks = [plain, networkNamed('sequential')!, networkNamed('compact')!, networkNamed('local')!];
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pomona-explained-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A disc of noise on black, with a dark spot where one is wanted. */
function drawn(seed: number, spot?: readonly [x: number, y: number]): Uint8Array {
  const random = seededRandom(seed, 'explained');
  return Uint8Array.from({ length: size ** 2 * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % size, Math.floor(i / 3 / size)];
    const noise = 100 + Math.floor(random.next() * 120);
    if (Math.hypot(x - size / 2, y - size / 2) > size * 0.46) return 0;
    return spot && Math.hypot(x - spot[0], y - spot[1]) < 3 ? 1 : noise;
  });
}

/** A network with random weights, whose normalisation knows what pictures are like. */
async function opened(network: Network): Promise<ExplainedModel> {
  const backend = await useOnnxBackend();
  const model = buildModel(network, size, labels.length, 3);
  for (let pass = 0; pass < 20; pass++) {
    const pixels = Buffer.concat([1, 2, 3, 4].map((seed) => drawn(seed)));
    model.forward(backend.images(pixels, [4, size, size, 3]), true).logits.dataSync();
  }
  const file = join(folder, 'model.onnx');
  await writeFile(file, exportOnnx(backend, model, { calibration }));
  model.dispose();
  return ExplainedModel.open(file);
}

test.each(networks)('what $name says of places adds up to its probabilities', async (network) => {
  const model = await opened(network);
  for (const seed of [5, 6]) {
    const crop = drawn(seed);
    const { probabilities, found } = await model.look(crop, size);
    const { byLabel, rows, columns } = explanationOf(found!.evidence, found!.base, labels, crop, size);
    expect(byLabel.map(({ label, evidence }) => [label, evidence.length])).toEqual(
      labels.map((label) => [label, rows * columns]),
    );
    const odds = byLabel.map(({ evidence, elsewhere }) =>
      Math.exp(evidence.reduce((sum, cell) => sum + cell, elsewhere)),
    );
    const total = odds.reduce((sum, each) => sum + each, 0);
    odds.forEach((each, at) => {
      expect(each / total).toBeCloseTo(probabilities[at]!, 2);
    });
    // The corners show nothing.
    expect(byLabel.map(({ evidence }) => evidence[0])).toEqual([0, 0, 0]);
    expect(Math.max(...byLabel[0]!.evidence.map(Math.abs))).toBeGreaterThan(0);
  }
  await model.release();
});

test('a spot changes what is said of its place, and of no other', async () => {
  const model = await opened(networkNamed('sequential')!);
  const spot = [12, 30] as const;
  const { rows, columns, byLabel } = (await model.look(drawn(7), size)).found!.evidence;
  const spotted = (await model.look(drawn(7, spot), size)).found!.evidence.byLabel;
  const changes = byLabel[2]!.map((cell, at) => Math.abs(cell - spotted[2]![at]!));
  const farOff = changes.filter((_, at) => {
    const [x, y] = [((at % columns) + 0.5) / columns, (Math.floor(at / columns) + 0.5) / rows];
    // Two convolutions of 5×5 see seven pixels to each side.
    return Math.hypot(x * size - spot[0], y * size - spot[1]) > 16;
  });
  expect(Math.max(...changes)).toBeGreaterThan(1e-3);
  expect(farOff.length).toBeGreaterThan(40);
  expect(Math.max(...farOff)).toBeLessThan(1e-6);
  await model.release();
});
