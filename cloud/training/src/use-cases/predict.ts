import { tidy } from '@tensorflow/tfjs-core';
import type { Case } from '../domain/cases.ts';
import { cropsAt, type Dataset } from '../domain/dataset.ts';
import type { EvaluatedCase } from '../domain/evaluation.ts';
import { knownOf } from '../domain/known-of.ts';
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
  const means = await caseMeans(engine, model, dataset, cases, 'logits', pause);
  return cases.map(({ images, label, group }, at) => ({
    logits: means[at]!,
    label,
    group,
    images: images.length,
    digest: dataset.images[images[0]!]!.digest,
    source: dataset.images[images[0]!]!.source,
    known: knownOf(dataset.images[images[0]!]!, dataset.viewsPerFruit),
  }));
}

/** The mean of one of the model's outputs over each case's images. */
export async function caseMeans(
  engine: Engine,
  model: BuiltModel,
  dataset: Dataset,
  cases: readonly Case[],
  output: 'logits' | 'embedding',
  pause: () => Promise<void>,
): Promise<number[][]> {
  const size = dataset.inputSize;
  const positions = cases.flatMap(({ images }) => images);
  const rows: Float32Array[] = [];
  // One length for every run, so that one graph serves all.
  const length = Math.min(imagesPerRun, positions.length);
  for (let from = 0; from < positions.length; from += length) {
    const chosen = positions.slice(from, from + length);
    const pixels = cropsAt(dataset, chosen, length);
    const values = tidy(() =>
      model.forward(engine.images(pixels, [length, size, size, 3]))[output].dataSync(),
    );
    const width = values.length / length;
    chosen.forEach((_, at) => {
      rows.push(values.slice(at * width, (at + 1) * width) as Float32Array);
    });
    await pause();
  }
  let next = 0;
  return cases.map(({ images }) => {
    const own = rows.slice(next, next + images.length);
    next += images.length;
    return Array.from(own[0]!, (_, at) => own.reduce((sum, row) => sum + row[at]!, 0) / own.length);
  });
}
