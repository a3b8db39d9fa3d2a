import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { artifactNames, type GoldenViews, type TrainingSummary } from '@pomona/training/protocol';
import { AppError } from '@pomona/wire';
import type { TrainingArtifacts } from '../use-cases/build-release.ts';

/** What a training run left in its output folder. Error: `training-incomplete`. */
export async function readTrainingArtifacts(folder: string): Promise<TrainingArtifacts> {
  try {
    const read = (name: string) => readFile(join(folder, name));
    const json = async <T>(name: string) => JSON.parse((await read(name)).toString()) as T;
    const summary = await json<TrainingSummary>(artifactNames.summary);
    const models = new Map<string, Uint8Array>();
    for (const { file } of summary.variants) models.set(file, await read(file));
    return {
      summary,
      golden: await json<GoldenViews>(artifactNames.golden),
      goldenPixels: await read(artifactNames.goldenPixels),
      weights: await read(artifactNames.weights),
      models,
    };
  } catch (error) {
    throw new AppError('training-incomplete', `the training output in ${folder} cannot be read`, {
      hint: 'Train again; the folder of a run that was stopped or failed holds no model.',
      cause: error,
    });
  }
}
