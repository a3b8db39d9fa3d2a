import { cpus } from 'node:os';
import { openSession } from '@pomona/onnx-backend';
import { systemClock, type VariantFigures } from '@pomona/wire';
import type { Dataset } from '../domain/dataset.ts';
import { type VariantName, variantNames } from '../domain/training-protocol.ts';
import { splitCases } from '../use-cases/train.ts';
import type { BenchResult, BenchRow } from './bench-train.ts';
import { readDatasetFolder } from './dataset-folder.ts';
import { evaluateVariants, raceMs } from './evaluate-variants.ts';

export interface BenchQuantize {
  readonly network: string;
  readonly datasetFolder: string;
  readonly models: Readonly<Record<VariantName, Uint8Array<ArrayBuffer>>>;
  /** Of a fruit, as the model was trained; 1 judges single images. */
  readonly views: number;
}

/** int8 beside fp32 on the dataset's test split; the two take turns on one thread. */
export async function benchQuantize(request: BenchQuantize): Promise<BenchResult> {
  const { network, datasetFolder, models, views } = request;
  const dataset = await readDatasetFolder(datasetFolder);
  const { inputSize } = dataset;
  const cases = splitCases(dataset, views).test;
  const [fp32, int8] = evaluateVariants(models, { dataset, cases, clock: systemClock });
  const row = (name: string, unit: string, value: number, peerValue: number): BenchRow => ({
    ...{ name: `${network} at ${inputSize}×${inputSize}, ${name}`, value, unit, peer: 'fp32', peerValue },
    ratio: peerValue === 0 ? null : value / peerValue,
  });
  const [fp32AloneMs, int8AloneMs] = raceAlone(models, dataset);
  return {
    bench: 'quantize',
    machine: `${cpus()[0]?.model.trim() ?? 'unknown'}, ${cpus().length} cores, node ${process.version}`,
    rows: [
      row('int8: views on one thread, 8 together (goal 2.0)', 'views/s', ...perS(int8!, fp32!)),
      row('int8: one view alone on one thread', 'views/s', 1000 / int8AloneMs!, 1000 / fp32AloneMs!),
      row('int8: size of the file (goal 0.3)', 'bytes', int8!.bytes, fp32!.bytes),
      row('int8: accuracy', 'share', int8!.accuracy, fp32!.accuracy),
      row('int8: same likeliest grade as fp32 (goal 0.985)', 'share', int8!.agreement, fp32!.agreement),
      row('int8: calibration error (ECE)', 'share', int8!.ece, fp32!.ece),
    ],
  };
}

function perS(int8: VariantFigures, fp32: VariantFigures): [number, number] {
  return [1000 / int8.msPerView, 1000 / fp32.msPerView];
}

/** Milliseconds of a run of one view, by variant: there what a run costs in itself weighs most. */
function raceAlone(models: BenchQuantize['models'], dataset: Dataset): number[] {
  const sessions = variantNames.map((name) => openSession(models[name], { threads: 1 }));
  try {
    return raceMs(sessions, dataset, systemClock, 1);
  } finally {
    for (const session of sessions) session.dispose();
  }
}
