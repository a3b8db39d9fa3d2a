import { InferenceSession, Tensor } from 'onnxruntime-node';

const cropsPerRun = 64;
/** Below this a float32 is 0, which has no logarithm. */
const probabilityMin = 1e-30;

/** For each crop (uint8 [size, size, 3]) the logit of a model's last grade against its first. */
export async function cropScores(
  modelFile: string,
  crops: readonly Uint8Array[],
  size: number,
): Promise<number[]> {
  const session = await InferenceSession.create(modelFile, { intraOpNumThreads: 1 });
  const scores: number[] = [];
  try {
    for (let from = 0; from < crops.length; from += cropsPerRun) {
      const chosen = crops.slice(from, from + cropsPerRun);
      const images = new Tensor('uint8', Buffer.concat(chosen), [chosen.length, size, size, 3]);
      const { probabilities } = await session.run({ images }, ['probabilities']);
      const rows = probabilities!.data as Float32Array;
      const width = rows.length / chosen.length;
      const logarithm = (at: number): number => Math.log(Math.max(rows[at]!, probabilityMin));
      chosen.forEach((_, at) => {
        scores.push(logarithm(at * width + width - 1) - logarithm(at * width));
      });
    }
  } finally {
    await session.release();
  }
  return scores;
}
