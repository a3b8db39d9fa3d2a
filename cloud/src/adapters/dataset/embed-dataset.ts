import { skinOfCells, skinShares } from '@pomona/grading';
import { isAppError } from '@pomona/wire';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { EmbeddingAnswer, EmbeddingJob } from '../../domain/embedding-job.ts';
import { embeddingColumns } from '../../domain/embedding-set.ts';
import { type FrozenDataset, readDataset } from './dataset-folder.ts';

const cropsPerRun = 64;

/** The output `embedding` of a model for every image of a dataset version, behind the areas of its map of defects where it draws one. */
export async function embedDataset({ folder, modelFile }: EmbeddingJob): Promise<EmbeddingAnswer> {
  try {
    return await embed(await readDataset(folder), modelFile);
  } catch (error) {
    if (!isAppError(error) || error.code !== 'dataset-damaged') throw error;
    return { ok: false, code: 'dataset-damaged', reason: error.message };
  }
}

async function embed({ file, crops }: FrozenDataset, modelFile: string): Promise<EmbeddingAnswer> {
  const { inputSize: size, images } = file;
  const opened = await open(modelFile);
  if (typeof opened === 'string') return { ok: false, code: 'model-unreadable', reason: opened };
  try {
    const outputs = ['embedding', 'defect'].filter((name) => opened.outputNames.includes(name));
    let columns: string[] = [];
    const parts: Float32Array[] = [];
    for (let from = 0; from < images.length; from += cropsPerRun) {
      const count = Math.min(cropsPerRun, images.length - from);
      const bytes = crops.subarray(from * size ** 2 * 3, (from + count) * size ** 2 * 3);
      const tensor = new Tensor('uint8', bytes, [count, size, size, 3]);
      const { embedding, defect } = await opened.run({ images: tensor }, outputs);
      const features = embedding!.data as Float32Array;
      const areas = defect === undefined ? [] : areasOf(defect.data as Float32Array, count);
      const width = features.length / count;
      columns = embeddingColumns(width, areas.length > 0);
      for (let i = 0; i < count; i++)
        parts.push(
          Float32Array.from([...(areas[i] ?? []), ...features.subarray(i * width, (i + 1) * width)]),
        );
    }
    const rows = new Float32Array(images.length * columns.length);
    parts.forEach((part, at) => void rows.set(part, at * columns.length));
    return { ok: true, columns, rows };
  } finally {
    await opened.release();
  }
}

/** Shares of defect and of rot by each map of `count`, float32 [count, cells, cells, 2]. */
function areasOf(maps: Float32Array, count: number): (readonly [number, number])[] {
  const each = maps.length / count;
  const skin = skinOfCells(Math.sqrt(each / 2));
  return Array.from({ length: count }, (_, i) => {
    const shares = skinShares(maps, i * each, skin);
    return [shares[0]!, shares[1]!];
  });
}

/** Why not, where it cannot be used. */
async function open(modelFile: string): Promise<InferenceSession | string> {
  try {
    const session = await InferenceSession.create(modelFile, {
      intraOpNumThreads: 1,
      extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
    });
    if (session.outputNames.includes('embedding')) return session;
    await session.release();
    return 'it gives no embedding';
  } catch (error) {
    // ONNX Runtime's own words; its errors have no type.
    return error instanceof Error ? error.message : String(error);
  }
}
