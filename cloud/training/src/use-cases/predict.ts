import { tidy } from '@tensorflow/tfjs-core';
import type { Case } from '../domain/cases.ts';
import { cropsAt, type Dataset } from '../domain/dataset.ts';
import type { EvaluatedCase } from '../domain/evaluation.ts';
import type { BuiltModel } from './build-model.ts';
import type { Engine } from './engine.ts';

const imagesPerRun = 256;

/** The mean logits over each case's images: for a network that ends in pooling, those of everything that was seen. */
export async function predictCases(
  engine: Engine,
  model: BuiltModel,
  dataset: Dataset,
  cases: readonly Case[],
  pause: () => Promise<void>,
): Promise<EvaluatedCase[]> {
  const size = dataset.inputSize;
  const positions = cases.flatMap(({ images }) => images);
  const rows: Float32Array[] = [];
  // One length for every run, so that one graph serves all.
  const length = Math.min(imagesPerRun, positions.length);
  for (let from = 0; from < positions.length; from += length) {
    const chosen = positions.slice(from, from + length);
    const pixels = cropsAt(dataset, chosen, length);
    const logits = tidy(() =>
      model.forward(engine.images(pixels, [length, size, size, 3])).logits.dataSync(),
    );
    const labelCount = logits.length / length;
    chosen.forEach((_, at) => {
      rows.push(logits.slice(at * labelCount, (at + 1) * labelCount) as Float32Array);
    });
    await pause();
  }
  let next = 0;
  return cases.map(({ images, label, group }) => {
    const own = rows.slice(next, next + images.length);
    next += images.length;
    const logits = Array.from(own[0]!, (_, at) => own.reduce((sum, row) => sum + row[at]!, 0) / own.length);
    return { logits, label, group, images: images.length };
  });
}
