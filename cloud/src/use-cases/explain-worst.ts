import type { ModelView, WorstCase } from '@pomona/wire';
import type { CropView } from '../domain/prediction-job.ts';

type DatasetRef = ModelView['dataset'];

export interface ExplainWorstPorts {
  /** Crops of a dataset version by their digests; none where it is not here or is damaged. */
  readCrops(dataset: DatasetRef, digests: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>>;
  /** Errors: `model-unreadable`, `prediction-slow`. */
  lookAtCrop(model: ModelView, crop: Uint8Array): Promise<CropView>;
}

/**
 * The worst cases of a version's evaluation with what the model was shown, and where its grade came from. Cases of data that
 * is not here any more, or of a model whose files were removed, come without. Errors: `model-unreadable`, `prediction-slow`.
 */
export async function explainWorst(
  { readCrops, lookAtCrop }: ExplainWorstPorts,
  model: ModelView,
  casesMax = Number.POSITIVE_INFINITY,
): Promise<WorstCase[]> {
  const worst = (model.evaluation.worst ?? []).slice(0, casesMax);
  if (worst.length === 0 || model.filesRemovedAt !== undefined) return worst;
  const crops = await readCrops(
    model.calibration?.dataset ?? model.dataset,
    worst.map(({ digest }) => digest),
  );
  const cases: WorstCase[] = [];
  // One after the other: somebody may wait for a photograph of their own.
  for (const each of worst) {
    const crop = crops.get(each.digest);
    if (crop === undefined) {
      cases.push(each);
      continue;
    }
    const { cropPng, explanation } = await lookAtCrop(model, crop);
    cases.push({ ...each, cropPng, ...(explanation && { explanation }) });
  }
  return cases;
}
