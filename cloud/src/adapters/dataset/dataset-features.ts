import { join } from 'node:path';
import { readIfPresent, writeFileDurably } from '@pomona/release';
import type { DatasetFile } from '../../domain/dataset.ts';
import { viewRows } from '../../domain/feature-rows.ts';
import { viewSet } from '../../domain/feature-set.ts';
import { readDataset, readDatasetFile } from './dataset-folder.ts';

export interface DatasetFeatures {
  readonly file: DatasetFile;
  /** float32 [images, columns of the set]. */
  readonly rows: Float32Array;
}

/** `view@2` of a version, which begins with `view@1`; computed once and kept beside its crops, whose content never changes. Throws `dataset-damaged`. */
export async function readDatasetFeatures(folder: string): Promise<DatasetFeatures> {
  const file = await readDatasetFile(folder);
  const path = join(folder, `features-${viewSet.set}.f32`);
  const kept = await readIfPresent(path);
  if (kept?.byteLength === file.images.length * viewSet.columns.length * 4)
    return { file, rows: new Float32Array(new Uint8Array(kept).buffer) };
  const { crops } = await readDataset(folder);
  const rows = viewRows(crops, file.inputSize);
  await writeFileDurably(path, new Uint8Array(rows.buffer));
  return { file, rows };
}
