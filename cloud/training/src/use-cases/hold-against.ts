import type { Network } from '@pomona/catalog';
import { describeStandardise, type HeldAgainst } from '@pomona/wire';
import type { Case } from '../domain/cases.ts';
import type { Dataset } from '../domain/dataset.ts';
import type { EvaluatedCase } from '../domain/evaluation.ts';
import { heldAgainst, type Knowledge, originOf } from '../domain/held-against.ts';
import { type Calibration, calibratedLogits } from '../domain/score-calibration.ts';
import { buildModel } from './build-model.ts';
import { predictCases } from './predict.ts';
import type { TrainingPorts } from './train.ts';
import { loadWeights, weightsHeadOf } from './weights-file.ts';

/** A version that a new one is held against. */
export interface Rival {
  readonly model: HeldAgainst['model'];
  readonly network: Network;
  readonly weights: Uint8Array;
  /** In its order. */
  readonly labels: readonly string[];
  readonly calibration: Calibration;
  /** Undefined where its dataset is not here any more. */
  readonly knowledge?: Knowledge | undefined;
}

/** `said` is what the new one says of the cases, calibrated. Undefined where the rival takes crops of another size or other colours, or grades otherwise. */
export async function holdAgainst(
  rival: Rival,
  dataset: Dataset,
  cases: readonly Case[],
  said: readonly EvaluatedCase[],
  { engine, pause }: Pick<TrainingPorts, 'engine' | 'pause'>,
): Promise<HeldAgainst | undefined> {
  const { labels, inputSize, standardise } = dataset;
  const isSameQuestion = labels.every((label) => rival.labels.includes(label));
  if (!isSameQuestion || rival.labels.length !== labels.length) return undefined;
  const head = weightsHeadOf(rival.weights);
  if (head?.inputSize !== inputSize) return undefined;
  if (describeStandardise(head.standardise) !== describeStandardise(standardise)) return undefined;
  const model = buildModel(rival.network, inputSize, labels.length, 0);
  try {
    loadWeights(model, rival.weights);
    const answers = await predictCases(engine, model, dataset, cases, pause);
    const theirs = answers.map(({ logits }) => {
      const calibrated = calibratedLogits(logits, rival.calibration);
      return { logits: labels.map((label) => calibrated[rival.labels.indexOf(label)]!) };
    });
    const { knowledge } = rival;
    const origins = knowledge && cases.map((each) => originOf(each, dataset, knowledge));
    return { model: rival.model, ...heldAgainst(said, theirs, origins, labels.length) };
  } finally {
    model.dispose();
  }
}
