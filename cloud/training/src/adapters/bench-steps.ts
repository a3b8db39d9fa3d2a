import { defaultRecipe, type Network } from '@pomona/catalog';
import { seededRandom, systemClock } from '@pomona/wire';
import { type Batch, batchesOf } from '../domain/batches.ts';
import { casesOf } from '../domain/cases.ts';
import type { Dataset, DatasetImage } from '../domain/dataset.ts';
import { buildModel } from '../use-cases/build-model.ts';
import type { Engine } from '../use-cases/engine.ts';
import { trainingStep } from '../use-cases/training-step.ts';

export const benchLabels = ['good', 'ok', 'bad'];
/** So low that the one batch is never learned: gradients near zero run at another speed than real ones. */
export const benchLearningRate = 1e-6;

export interface BenchSteps {
  /** Drawn, shuffled and changed as in training; without end. */
  batches(): Generator<Batch>;
  run(batch: Batch): unknown;
  dispose(): void;
}

/** Training steps of a network on random pixels, on whatever backend is the current one. */
export function benchSteps(engine: Engine, network: Network, dataset: Dataset, images: number): BenchSteps {
  const model = buildModel(network, dataset.inputSize, benchLabels.length, 1);
  const shape = { cases: images, views: 1 };
  const settings = { shape, classWeights: benchLabels.map(() => 1), recipe: defaultRecipe };
  const step = trainingStep(engine, model, dataset, settings);
  const cases = casesOf(dataset, 'train', 1);
  return {
    batches: function* () {
      const random = seededRandom(1);
      while (true) yield* batchesOf(dataset, cases, shape, defaultRecipe.augmentation, random);
    },
    run: (batch) => step.run(batch, benchLearningRate),
    dispose: () => {
      step.dispose();
      model.dispose();
    },
  };
}

export function* repeated(batch: Batch): Generator<Batch> {
  while (true) yield batch;
}

/** Images per second; one step at least. */
export function rateOf(seconds: number, batches: Iterable<Batch>, run: (batch: Batch) => unknown): number {
  const fromMs = systemClock.monotonicMs();
  let images = 0;
  for (const batch of batches) {
    run(batch);
    images += batch.images.length;
    const spentMs = systemClock.monotonicMs() - fromMs;
    if (spentMs >= seconds * 1000) return (images * 1000) / spentMs;
  }
  return 0;
}

export function randomDataset(count: number, size: number): Dataset {
  const random = seededRandom(1, 'bench');
  const images = Array.from({ length: count }, (_, at): DatasetImage => {
    const grade = benchLabels[at % benchLabels.length]!;
    return { digest: '', grade, group: `${at}`, split: 'train', source: 'bench' };
  });
  const crops = Uint8Array.from({ length: count * size * size * 3 }, () => random.next() * 256);
  return { name: 'bench', digest: '', labels: benchLabels, inputSize: size, viewsPerFruit: 1, images, crops };
}
