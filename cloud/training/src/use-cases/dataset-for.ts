import { describeStandardise } from '@pomona/wire';
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

function checkInput(weights: Uint8Array, { name, inputSize, standardise }: Dataset): void {
  const head = weightsHeadOf(weights);
  if (head === undefined) return;
  if (head.inputSize !== inputSize)
    throw trainingError(
      'weights-unsuited',
      `the model takes crops of ${head.inputSize} pixels, ${name} has ${inputSize}: import it again with --size ${head.inputSize}`,
    );
  const [wanted, there] = [head.standardise, standardise].map(describeStandardise);
  if (wanted !== there)
    throw trainingError(
      'weights-unsuited',
      `the model takes colours ${wanted}, those of ${name} are ${there}: import it again with the same --white-balance and --equalise`,
    );
}
