import { InferenceSession, Tensor } from 'onnxruntime-node';

const cropsPerRun = 64;
/** Below this a float32 is 0, which has no logarithm. */
const probabilityMin = 1e-30;

/** What a model says of a crop. */
export interface CropSaid {
  /** A share for each label. */
  readonly probabilities: Float32Array;
  /** Where it shows defects, float32 [cells, cells, 2]: shares of a cell, of defect and of rot; only of a network that draws a map. */
  readonly map: Float32Array | undefined;
}

/** Of each crop (uint8 [size, size, 3]). */
export async function cropsSaid(
  modelFile: string,
  crops: readonly Uint8Array[],
  size: number,
): Promise<CropSaid[]> {
  const session = await InferenceSession.create(modelFile, { intraOpNumThreads: 1 });
  const outputs = ['probabilities', 'defect'].filter((name) => session.outputNames.includes(name));
  const said: CropSaid[] = [];
  try {
    for (let from = 0; from < crops.length; from += cropsPerRun) {
      const chosen = crops.slice(from, from + cropsPerRun);
      const images = new Tensor('uint8', Buffer.concat(chosen), [chosen.length, size, size, 3]);
      const { probabilities, defect } = await session.run({ images }, outputs);
      const rowsOf = (tensor: Tensor) => {
        const rows = tensor.data as Float32Array;
        const width = rows.length / chosen.length;
        return chosen.map((_, at) => rows.slice(at * width, (at + 1) * width));
      };
      const maps = defect && rowsOf(defect);
      rowsOf(probabilities!).forEach((row, at) => {
        said.push({ probabilities: row, map: maps?.[at] });
      });
    }
  } finally {
    await session.release();
  }
  return said;
}

/** The same as the logit of its last grade against its first. */
export async function cropScores(...crops: Parameters<typeof cropsSaid>): Promise<number[]> {
  const logarithm = (p: number): number => Math.log(Math.max(p, probabilityMin));
  return (await cropsSaid(...crops)).map(
    ({ probabilities: row }) => logarithm(row.at(-1)!) - logarithm(row[0]!),
  );
}
