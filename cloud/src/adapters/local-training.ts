import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openTrustRepository } from '@pomona/release';
import type { Clock } from '@pomona/wire';
import type { TrainAndRegisterPorts } from '../use-cases/train-and-register.ts';
import { BlobFolder } from './blob-folder.ts';
import { checkpointOf } from './checkpoint-of.ts';
import { readCodeRevision } from './code-revision.ts';
import { datasetFolderOf } from './dataset/dataset-folder.ts';
import { readTrainingArtifacts } from './training-artifacts.ts';
import { runCalibration, runTraining } from './training-process.ts';

/** Training in a child process on this machine, with the keys, blobs and runs of a data folder. */
export function localTraining(
  dataFolder: string,
  { models, project }: Pick<TrainAndRegisterPorts, 'models' | 'project'>,
  clock: Clock,
): TrainAndRegisterPorts {
  const blobs = new BlobFolder(dataFolder);
  return {
    models,
    project,
    clock,
    blobs,
    codeRevision: readCodeRevision,
    openTrust: () =>
      openTrustRepository({ folder: join(dataFolder, 'trust'), keysFolder: join(dataFolder, 'keys'), clock }),
    trainer: {
      async train({ dataset, run, fromWeights, resume, ...request }) {
        const { network, seed, epochs, recipe } = request;
        const same = { digest: dataset.digest, network, seed, epochs, recipe, fromWeights };
        const checkpoint = await checkpointOf(join(dataFolder, 'checkpoints'), same, resume === true);
        const outFolder = join(dataFolder, 'runs', run);
        await mkdir(outFolder, { recursive: true });
        await runTraining({
          ...request,
          datasetFolder: datasetFolderOf(dataFolder, dataset.name, dataset.digest),
          ...{ outFolder, checkpoint },
          ...(fromWeights === undefined ? {} : { from: join(blobs.folder, fromWeights) }),
        });
        return readTrainingArtifacts(outFolder);
      },
      async calibrate({ dataset, run, fromWeights, ...request }) {
        const outFolder = join(dataFolder, 'runs', run);
        await mkdir(outFolder, { recursive: true });
        await runCalibration({
          ...request,
          datasetFolder: datasetFolderOf(dataFolder, dataset.name, dataset.digest),
          outFolder,
          from: join(blobs.folder, fromWeights),
        });
        return readTrainingArtifacts(outFolder);
      },
    },
  };
}
