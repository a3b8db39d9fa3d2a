import { InferenceSession, Tensor } from 'onnxruntime-node';
import sharp from 'sharp';
import { breachOf, defaultImageLimits } from '../domain/image-limits.ts';
import type { PredictionJob, PredictionReply } from '../domain/prediction-job.ts';
import { cutFruit } from './dataset/inspect-photograph.ts';

type Answer = PredictionReply extends infer R ? (R extends { id: number } ? Omit<R, 'id'> : never) : never;

/** Models that stay loaded; the least recently used goes first. */
const sessionsMax = 4;
const cropShownPx = 256;
const sessions = new Map<string, InferenceSession>();

/** Cuts the fruit out as training does, and runs the model on it. What is wrong with the picture or the model is an answer. */
export async function lookAtPhotograph(job: PredictionJob): Promise<Answer> {
  const { inputSize: size, labelCount, minScore } = job;
  const cut = await cutFruit(Buffer.from(job.photograph), size);
  if (!cut.ok) return { ok: false, code: 'no-fruit', reason: cut.reason };
  if (cut.score < minScore) {
    const limits = { ...defaultImageLimits, minScore };
    const reason = breachOf(cut.figures, limits)?.reason ?? 'no single fruit stands out in it';
    return { ok: false, code: 'no-fruit', reason };
  }
  let rows: unknown;
  try {
    const session = await sessionOf(job.modelFile);
    const images = new Tensor('uint8', cut.crop, [1, size, size, 3]);
    rows = (await session.run({ images }, ['probabilities'])).probabilities?.data;
  } catch (error) {
    return {
      ok: false,
      code: 'model-unreadable',
      reason: error instanceof Error ? error.message : String(error),
    };
  }
  if (!(rows instanceof Float32Array) || rows.length !== labelCount) {
    return { ok: false, code: 'model-unreadable', reason: `it does not give ${labelCount} probabilities` };
  }
  const png = sharp(cut.crop, { raw: { width: size, height: size, channels: 3 } })
    .resize(cropShownPx, cropShownPx, { kernel: 'cubic' })
    .png();
  return {
    ok: true,
    probabilities: [...rows],
    cropPng: (await png.toBuffer()).toString('base64'),
    outline: cut.outline,
    score: cut.score,
    fill: cut.figures.fill,
  };
}

async function sessionOf(file: string): Promise<InferenceSession> {
  const known = sessions.get(file);
  sessions.delete(file);
  const session =
    known ??
    (await InferenceSession.create(file, {
      executionProviders: ['cpu'],
      intraOpNumThreads: 1,
      extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
    }));
  sessions.set(file, session);
  for (const [oldest, idle] of sessions) {
    if (sessions.size <= sessionsMax) break;
    sessions.delete(oldest);
    await idle.release();
  }
  return session;
}
