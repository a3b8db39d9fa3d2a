import { type OrtSession, openSession } from '@pomona/onnx-backend';
import type { Clock, VariantFigures } from '@pomona/wire';
import { meanUpperBound } from '../domain/bootstrap.ts';
import type { Case } from '../domain/cases.ts';
import { cropsAt, type Dataset } from '../domain/dataset.ts';
import { accuracyOf, expectedCalibrationError } from '../domain/evaluation.ts';
import { agreementOf, likeliest } from '../domain/likeliest.ts';
import type { Judged } from '../domain/temperature.ts';
import { artifactNames, type VariantName, variantNames } from '../domain/training-protocol.ts';
import { probabilitiesOf } from './image-runs.ts';

export interface VariantTest {
  readonly dataset: Dataset;
  /** What is counted: fruits or images of the test split. */
  readonly cases: readonly Case[];
  readonly clock: Clock;
}

/** As many views as two lanes show at once. */
export const viewsPerTurn = 8;
const turns = 15;
const turnMs = 10;

/** Accuracy and calibration of the files themselves, run as a device runs them; speed in turns on one thread. */
export function evaluateVariants(
  models: Readonly<Record<VariantName, Uint8Array<ArrayBuffer>>>,
  { dataset, cases, clock }: VariantTest,
): VariantFigures[] {
  const sessions = variantNames.map((name) => ({ name, session: openSession(models[name], { threads: 1 }) }));
  try {
    const images = cases.flatMap((each) => each.images);
    const rows = sessions.map(({ session }) => probabilitiesOf(session, dataset, images));
    const own = sessions.map(({ session }) => session);
    const judgedBy = rows.map((own) => judgedOf(own, dataset, cases));
    const times = raceMs(own, dataset, clock, viewsPerTurn);
    return sessions.map(({ name }, at) => {
      const judged = judgedBy[at]!;
      const bound = at === 0 ? null : lossBound(judgedBy[0]!, judged, cases);
      return {
        name,
        file: artifactNames[name],
        bytes: models[name].byteLength,
        accuracy: accuracyOf(judged),
        agreement: agreementOf(rows[0]!, rows[at]!),
        ece: expectedCalibrationError(judged),
        msPerView: times[at]!,
        ...(bound === null ? {} : { accuracyLossBound: bound }),
      };
    });
  } finally {
    for (const { session } of sessions) session.dispose();
  }
}

/** At most so much less accurate, at 95 %: case by case, since both were asked about the same. */
function lossBound(
  first: readonly Judged[],
  other: readonly Judged[],
  cases: readonly Case[],
): number | null {
  const isRight = ({ logits, label }: Judged): number => (likeliest(logits) === label ? 1 : 0);
  const losses = cases.map(({ group }, at) => ({ group, value: isRight(first[at]!) - isRight(other[at]!) }));
  return meanUpperBound(losses);
}

/** The logarithms of probabilities are logits of temperature 1: a case's are the mean of its images', as in training. */
function judgedOf(rows: readonly number[][], { labels }: Dataset, cases: readonly Case[]): Judged[] {
  let next = 0;
  return cases.map(({ images, label }) => {
    const own = rows.slice(next, next + images.length);
    next += images.length;
    const logits = labels.map((_, at) => own.reduce((sum, row) => sum + logOf(row[at]!), 0) / own.length);
    return { logits, label };
  });
}

/** A probability that a float32 rounds to 0 still has a logarithm. */
function logOf(probability: number): number {
  return Math.log(Math.max(probability, 1e-30));
}

/** Milliseconds of a view, so many together: the median over short turns, so that a busy neighbour meets all of them alike. */
export function raceMs(
  sessions: readonly OrtSession[],
  dataset: Dataset,
  clock: Clock,
  viewsTogether: number,
): number[] {
  const { inputSize, images } = dataset;
  const views = Array.from({ length: viewsTogether }, (_, at) => at % images.length);
  const shape = [viewsTogether, inputSize, inputSize, 3];
  const feeds = new Map([['images', { type: 'uint8', shape, data: cropsAt(dataset, views) } as const]]);
  const times = sessions.map((): number[] => []);
  for (let turn = 0; turn < turns; turn++) {
    sessions.forEach((session, at) => {
      const fromMs = clock.monotonicMs();
      let runs = 0;
      let spentMs = 0;
      while (spentMs < turnMs) {
        session.run(feeds, ['probabilities']);
        runs++;
        spentMs = clock.monotonicMs() - fromMs;
      }
      times[at]!.push(spentMs / runs / viewsTogether);
    });
  }
  return times.map((each) => each.sort((a, b) => a - b)[Math.floor(turns / 2)]!);
}
