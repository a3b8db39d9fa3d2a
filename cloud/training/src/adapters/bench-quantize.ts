import { cpus } from 'node:os';
import { systemClock } from '@pomona/wire';
import type { VariantName } from '../domain/training-protocol.ts';
import { splitCases } from '../use-cases/train.ts';
import type { BenchResult, BenchRow } from './bench-train.ts';
import { readDatasetFolder } from './dataset-folder.ts';
import { evaluateVariants } from './evaluate-variants.ts';

export interface BenchQuantize {
  readonly datasetFolder: string;
  readonly models: Readonly<Record<VariantName, Uint8Array<ArrayBuffer>>>;
  /** Of a fruit, as the model was trained; 1 judges single images. */
  readonly views: number;
}

/** int8 beside fp32 on the dataset's test split; the two take turns on one thread. */
export async function benchQuantize({ datasetFolder, models, views }: BenchQuantize): Promise<BenchResult> {
  const dataset = await readDatasetFolder(datasetFolder);
  const cases = splitCases(dataset, views).test;
  const [fp32, int8] = evaluateVariants(models, { dataset, cases, clock: systemClock });
  const row = (name: string, unit: string, value: number, peerValue: number): BenchRow => ({
    ...{ name, value, unit, peer: 'fp32', peerValue },
    ratio: peerValue === 0 ? null : value / peerValue,
  });
  return {
    bench: 'quantize',
    machine: `${cpus()[0]?.model.trim() ?? 'unknown'}, ${cpus().length} cores, node ${process.version}`,
    rows: [
      row('int8: views on one thread', 'views/s', 1000 / int8!.msPerView, 1000 / fp32!.msPerView),
      row('int8: time of a view', 'ms', int8!.msPerView, fp32!.msPerView),
      row('int8: size of the file', 'bytes', int8!.bytes, fp32!.bytes),
      row('int8: accuracy', 'share', int8!.accuracy, fp32!.accuracy),
      row('int8: same likeliest grade as fp32', 'share', int8!.agreement, fp32!.agreement),
      row('int8: calibration error (ECE)', 'share', int8!.ece, fp32!.ece),
    ],
  };
}
