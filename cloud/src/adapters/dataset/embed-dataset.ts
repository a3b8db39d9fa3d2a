import { isAppError } from '@pomona/wire';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { EmbeddingAnswer, EmbeddingJob } from '../../domain/embedding-job.ts';
import { type FrozenDataset, readDataset } from './dataset-folder.ts';

const cropsPerRun = 64;

/** The output `embedding` of a model for every image of a dataset version. */
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
    const parts: Float32Array[] = [];
    for (let from = 0; from < images.length; from += cropsPerRun) {
      const count = Math.min(cropsPerRun, images.length - from);
      const bytes = crops.subarray(from * size ** 2 * 3, (from + count) * size ** 2 * 3);
      const tensor = new Tensor('uint8', bytes, [count, size, size, 3]);
      const { embedding } = await opened.run({ images: tensor }, ['embedding']);
      parts.push(embedding!.data as Float32Array);
    }
    const width = (parts[0]?.length ?? 0) / Math.min(cropsPerRun, images.length);
    const rows = new Float32Array(images.length * width);
    parts.forEach((part, at) => void rows.set(part, at * cropsPerRun * width));
    return { ok: true, rows };
  } finally {
    await opened.release();
  }
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
