import type { Network } from '@pomona/catalog';
import { counted, type Evaluation } from '@pomona/wire';
import { type Case, casesOf } from '../domain/cases.ts';
import { crossFitted } from '../domain/cross-fit.ts';
import type { Dataset } from '../domain/dataset.ts';
import { trainingError } from '../domain/errors.ts';
import {
  accuracyOf,
  balancedAccuracyOf,
  calibratedCase,
  type EvaluatedCase,
  evaluationOf,
  expectedCalibrationError,
} from '../domain/evaluation.ts';
import { type Calibration, fittedCalibration } from '../domain/score-calibration.ts';
import type { FittedCalibration } from '../domain/training-protocol.ts';
import { type BuiltModel, buildModel } from './build-model.ts';
import { datasetFor } from './dataset-for.ts';
import { predictCases } from './predict.ts';
import type { TrainingPorts } from './train.ts';
import { loadWeights } from './weights-file.ts';

export interface CalibrationJob {
  readonly dataset: Dataset;
  readonly network: Network;
  readonly weights: Uint8Array;
  readonly before: Calibration;
  readonly labels: readonly string[];
}

export interface CalibratedModel {
  /** Whoever gets it disposes of it. */
  readonly model: BuiltModel;
  /** With the labels in the model's order. */
  readonly dataset: Dataset;
  readonly fitted: FittedCalibration;
  /** What was judged. */
  readonly cases: readonly Case[];
  readonly evaluation: Evaluation;
  /** On the very cases that it was fitted to. */
  readonly onFitted: Evaluation;
  readonly durationMs: number;
}

/** With fewer, single images decide the numbers. */
const imagesPerLabelMin = 5;

/**
 * Keeps the network as it is, and fits the few numbers that turn its logits into probabilities to images of a dataset: all
 * but its test split. Judges on the test split where that has every grade, else by cross-fitting. Errors: `weights-unsuited`,
 * `labels-unsuited`, `split-empty`, `calibration-senseless`.
 */
export async function calibrate(job: CalibrationJob, ports: TrainingPorts): Promise<CalibratedModel> {
  const startedMs = ports.clock.monotonicMs();
  const dataset = datasetFor(job);
  const model = buildModel(job.network, dataset.inputSize, dataset.labels.length, 0);
  try {
    loadWeights(model, job.weights);
    const judged = await judge(job, ports, model, dataset);
    ports.report({ type: 'evaluated', split: 'test', evaluation: judged.evaluation });
    return { model, dataset, ...judged, durationMs: ports.clock.monotonicMs() - startedMs };
  } catch (error) {
    model.dispose();
    throw error;
  }
}

async function judge(job: CalibrationJob, ports: TrainingPorts, model: BuiltModel, dataset: Dataset) {
  const { labels, viewsPerFruit } = dataset;
  const unit = viewsPerFruit > 1 ? 'fruit' : 'image';
  const [train, validation, test] = (['train', 'validation', 'test'] as const).map((split) =>
    casesOf(dataset, split, viewsPerFruit),
  ) as [Case[], Case[], Case[]];
  const known = [...train, ...validation];
  const hasTest = labels.every((_, at) => test.some(({ label }) => label === at));
  // A test split that lacks a grade would judge half of the question; its images are better learnt from.
  const shown = hasTest ? known : [...known, ...test];
  checkEnough(shown, labels);
  const said = (cases: readonly Case[]): Promise<EvaluatedCase[]> =>
    predictCases(ports.engine, model, dataset, cases, ports.pause);
  const onShown = await said(shown);
  const calibration = fittedCalibration(onShown, labels.length);
  if (calibration.scale <= 0) {
    throw trainingError(
      'calibration-senseless',
      `what the network says of these ${onShown.length} photographs has nothing to do with their labels`,
    );
  }
  const held = hasTest ? undefined : crossFitted(onShown, labels.length);
  const cases = hasTest ? test : shown;
  const raw = hasTest ? await said(test) : onShown;
  const by = (numbers: Calibration, of: readonly EvaluatedCase[]) =>
    of.map((each) => calibratedCase(each, numbers));
  const before = by(job.before, raw);
  const judged = raw.map((each, at) => ({
    ...(held === undefined ? calibratedCase(each, calibration) : { ...each, logits: [...held.logits[at]!] }),
    rawLogits: before[at]!.logits,
  }));
  const fitted: FittedCalibration = {
    ...calibration,
    images: shown.reduce((sum, { images }) => sum + images.length, 0),
    groups: new Set(shown.map(({ group }) => group)).size,
    heldBack: held?.heldBack ?? 'test',
    before: {
      accuracy: accuracyOf(before),
      balancedAccuracy: balancedAccuracyOf(before, labels.length),
      ece: expectedCalibrationError(before),
    },
  };
  return {
    fitted,
    cases,
    evaluation: evaluationOf(judged, labels, unit),
    onFitted: evaluationOf(by(calibration, onShown), labels, unit),
  };
}

function checkEnough(cases: readonly Case[], labels: readonly string[]): void {
  labels.forEach((name, at) => {
    const count = cases.filter(({ label }) => label === at).length;
    if (count < imagesPerLabelMin) {
      throw trainingError(
        'labels-unsuited',
        `${counted(count, 'image')} ${count === 1 ? 'is' : 'are'} graded ${name}; calibration needs ${imagesPerLabelMin} of every grade`,
      );
    }
  });
}
