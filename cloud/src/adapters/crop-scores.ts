import { InferenceSession, Tensor } from 'onnxruntime-node';

const cropsPerRun = 64;
/** Below this a float32 is 0, which has no logarithm. */
const probabilityMin = 1e-30;

/** For each crop (uint8 [size, size, 3]) what a model says: a share for each label. */
export async function cropProbabilities(
  modelFile: string,
  crops: readonly Uint8Array[],
  size: number,
): Promise<Float32Array[]> {
  const session = await InferenceSession.create(modelFile, { intraOpNumThreads: 1 });
  const said: Float32Array[] = [];
  try {
    for (let from = 0; from < crops.length; from += cropsPerRun) {
      const chosen = crops.slice(from, from + cropsPerRun);
      const images = new Tensor('uint8', Buffer.concat(chosen), [chosen.length, size, size, 3]);
      const { probabilities } = await session.run({ images }, ['probabilities']);
      const rows = probabilities!.data as Float32Array;
      const width = rows.length / chosen.length;
      chosen.forEach((_, at) => void said.push(rows.slice(at * width, (at + 1) * width)));
    }
  } finally {
    await session.release();
  }
  return said;
}

/** The same as the logit of its last grade against its first. */
export async function cropScores(...crops: Parameters<typeof cropProbabilities>): Promise<number[]> {
  const logarithm = (p: number): number => Math.log(Math.max(p, probabilityMin));
  return (await cropProbabilities(...crops)).map((row) => logarithm(row.at(-1)!) - logarithm(row[0]!));
}
