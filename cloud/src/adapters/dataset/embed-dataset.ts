import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { EmbeddingAnswer, EmbeddingJob } from '../../domain/embedding-job.ts';
import { readDataset } from './dataset-folder.ts';

const cropsPerRun = 64;

/** The output `embedding` of a model for every image of a dataset version. Error: `dataset-damaged`. */
export async function embedDataset({ folder, modelFile }: EmbeddingJob): Promise<EmbeddingAnswer> {
  const { file, crops } = await readDataset(folder);
  const { inputSize: size, images } = file;
  const session = await InferenceSession.create(modelFile, {
    intraOpNumThreads: 1,
    extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
  });
  try {
    if (!session.outputNames.includes('embedding')) return { ok: false, reason: 'it gives no embedding' };
    const parts: Float32Array[] = [];
    for (let from = 0; from < images.length; from += cropsPerRun) {
      const count = Math.min(cropsPerRun, images.length - from);
      const bytes = crops.subarray(from * size ** 2 * 3, (from + count) * size ** 2 * 3);
      const outputs = await session.run({ images: new Tensor('uint8', bytes, [count, size, size, 3]) }, [
        'embedding',
      ]);
      parts.push(outputs.embedding!.data as Float32Array);
    }
    const width = (parts[0]?.length ?? 0) / Math.min(cropsPerRun, images.length);
    const rows = new Float32Array(images.length * width);
    parts.forEach((part, at) => void rows.set(part, at * cropsPerRun * width));
    return { ok: true, rows };
  } finally {
    await session.release();
  }
}
