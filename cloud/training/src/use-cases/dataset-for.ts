import type { Dataset } from '../domain/dataset.ts';
import { trainingError } from '../domain/errors.ts';
import { weightsHeadOf } from './weights-file.ts';

/**
 * The dataset as a trained network can be shown it: its labels in the network's order. It need not have all of them, and may have no
 * others. Errors: `labels-unsuited`, `weights-unsuited`.
 */
export function datasetFor(given: {
  readonly dataset: Dataset;
  readonly labels: readonly string[];
  readonly weights: Uint8Array;
}): Dataset {
  const dataset = relabelled(given.dataset, given.labels);
  checkInput(given.weights, dataset);
  return dataset;
}

/** The same images, their grades in the model's order. */
function relabelled(dataset: Dataset, labels: readonly string[]): Dataset {
  if (dataset.labels.every((label) => labels.includes(label))) return { ...dataset, labels };
  throw trainingError(
    'labels-unsuited',
    `the model grades ${labels.join(', ')}; ${dataset.name} has ${dataset.labels.join(', ')}`,
  );
}

function checkInput(weights: Uint8Array, { name, inputSize }: Dataset): void {
  const wanted = weightsHeadOf(weights)?.inputSize;
  if (wanted === undefined || wanted === inputSize) return;
  throw trainingError(
    'weights-unsuited',
    `the model takes crops of ${wanted} pixels, ${name} has ${inputSize}: import it again with --size ${wanted}`,
  );
}
