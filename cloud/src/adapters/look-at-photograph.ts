import sharp from 'sharp';
import { explanationOf } from '../domain/explanation.ts';
import { breachOf, defaultImageLimits } from '../domain/image-limits.ts';
import type { CropView, PredictionJob, PredictionReply } from '../domain/prediction-job.ts';
import { cutFruit } from './dataset/inspect-photograph.ts';
import { ExplainedModel } from './explained-model.ts';

type Answer = PredictionReply extends infer R ? (R extends { id: number } ? Omit<R, 'id'> : never) : never;
type CropAnswer = Extract<Answer, { ok: false }> | { readonly ok: true; readonly view: CropView };

/** Models that stay loaded; the least recently used goes first. */
const modelsMax = 4;
const cropShownPx = 256;
const models = new Map<string, ExplainedModel>();

/** Cuts the fruit out as training does, and runs the model on it. What is wrong with the picture or the model is an answer. */
export async function lookAtPhotograph(job: PredictionJob): Promise<Answer> {
  if ('crop' in job) return lookAtCrop(job, job.crop);
  const cut = await cutFruit(Buffer.from(job.photograph), job);
  if (!cut.ok) return { ok: false, code: cut.fault, reason: cut.reason };
  if (cut.score < job.minScore) {
    const limits = { ...defaultImageLimits, minScore: job.minScore };
    const reason = breachOf(cut.figures, limits)?.reason ?? 'no single fruit stands out in it';
    return { ok: false, code: 'no-fruit', reason };
  }
  const answer = await lookAtCrop(job, cut.crop);
  if (!answer.ok) return answer;
  const { outline, cropPlace, score } = cut;
  return { ok: true, view: { ...answer.view, outline, cropPlace, score, fill: cut.figures.fill } };
}

async function lookAtCrop(job: PredictionJob, crop: Uint8Array): Promise<CropAnswer> {
  const { inputSize: size, labels } = job;
  const unreadable = (reason: string): CropAnswer => ({ ok: false, code: 'model-unreadable', reason });
  let said: Awaited<ReturnType<ExplainedModel['look']>>;
  try {
    said = await (await modelOf(job.modelFile)).look(crop, size);
  } catch (error) {
    return unreadable(error instanceof Error ? error.message : String(error));
  }
  const { found } = said;
  const probabilities = Array.from(said.probabilities);
  if (probabilities.length !== labels.length)
    return unreadable(`it does not give ${labels.length} probabilities`);
  const png = sharp(crop, { raw: { width: size, height: size, channels: 3 } })
    .resize(cropShownPx, cropShownPx, { kernel: 'cubic' })
    .png();
  return {
    ok: true,
    view: {
      probabilities,
      cropPng: (await png.toBuffer()).toString('base64'),
      ...(found && { explanation: explanationOf(found.evidence, found.base, labels, crop, size) }),
    },
  };
}

async function modelOf(file: string): Promise<ExplainedModel> {
  const known = models.get(file);
  models.delete(file);
  const model = known ?? (await ExplainedModel.open(file));
  models.set(file, model);
  for (const [oldest, idle] of models) {
    if (models.size <= modelsMax) break;
    models.delete(oldest);
    await idle.release();
  }
  return model;
}
