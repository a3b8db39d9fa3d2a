import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder, openTrustRepository } from '@pomona/release';
import { type Clock, type Evaluation, isAppError } from '@pomona/wire';
import { type KeepRunsPorts, keepingRuns, type Trainer } from '../use-cases/keep-runs.ts';
import type { TunePorts } from '../use-cases/tune.ts';
import { BlobFolder } from './blob-folder.ts';
import { checkpointOf } from './checkpoint-of.ts';
import { readCodeRevision } from './code-revision.ts';
import { datasetFolderOf } from './dataset/dataset-folder.ts';
import { imagesIn } from './dataset/read-images.ts';
import { readTrainingArtifacts } from './training-artifacts.ts';
import {
  runCalibration,
  runEvaluation,
  runTraining,
  type TrainingRun,
  timeNetwork,
} from './training-process.ts';

export interface LocalTrainingOptions {
  /** Hears of a checkpoint that cannot be gone on from: it is removed, and the training begins anew. Without, the training fails. */
  readonly onUnsuited?: (error: Error) => void;
  /** The training program, unless a test has another. */
  readonly run?: (training: TrainingRun) => Promise<unknown>;
}

/** Training in a child process on this machine, with the keys, blobs and runs of a data folder. */
export function localTraining(
  dataFolder: string,
  {
    models,
    project,
    trainingRuns,
  }: Pick<TunePorts, 'models' | 'project'> & Pick<KeepRunsPorts, 'trainingRuns'>,
  clock: Clock,
  { onUnsuited, run: program = runTraining }: LocalTrainingOptions = {},
): TunePorts {
  const blobs = new BlobFolder(dataFolder);
  const datasetFolder = ({ name, digest }: { readonly name: string; readonly digest: string }): string =>
    datasetFolderOf(dataFolder, name, digest);
  const outFolderOf = async (run: string): Promise<string> => {
    const folder = join(dataFolder, 'runs', run);
    await makeFolder(folder);
    return folder;
  };
  const trainer: Trainer = {
    async train({ dataset, run, fromWeights, resume, against = [], ...request }) {
      const { network, seed, epochs, recipe, stopAfter, engine } = request;
      const same = { digest: dataset.digest, network, seed, epochs, recipe, fromWeights, stopAfter, engine };
      const checkpoint = await checkpointOf(join(dataFolder, 'checkpoints'), same, resume === true);
      const outFolder = await outFolderOf(run);
      const training = {
        ...request,
        ...{ datasetFolder: datasetFolder(dataset), outFolder, checkpoint },
        against: against.map((rival) => ({
          ...rival,
          ...{ weights: join(blobs.folder, rival.weights), dataset: datasetFolder(rival.dataset) },
        })),
        ...(fromWeights === undefined ? {} : { from: join(blobs.folder, fromWeights) }),
      };
      try {
        await program(training);
      } catch (error) {
        if (onUnsuited === undefined || !isAppError(error, 'checkpoint-unsuited')) throw error;
        onUnsuited(error);
        await rm(checkpoint, { force: true });
        await program(training);
      }
      return readTrainingArtifacts(outFolder);
    },
    async trial({ dataset, run, signal, splits, ...request }) {
      const outFolder = await outFolderOf(run);
      const enough = new AbortController();
      const judgedOn = splits === undefined ? 'validation' : 'test';
      let judged: Evaluation | undefined;
      try {
        await program({
          ...request,
          ...{ datasetFolder: datasetFolder(dataset), outFolder },
          ...(splits === undefined ? {} : { splits: join(blobs.folder, splits) }),
          onEvent: (event) => {
            // What it still says before it hears that it is enough depends on how busy the machine is.
            if (judged !== undefined) return;
            request.onEvent?.(event);
            if (event.type !== 'evaluated' || event.split !== judgedOn) return;
            judged = event.evaluation;
            enough.abort();
          },
          signal: AbortSignal.any([signal, enough.signal]),
        });
      } catch (error) {
        if (judged === undefined || signal.aborted) throw error;
      } finally {
        await rm(outFolder, { recursive: true, force: true });
      }
      return judged!;
    },
    async calibrate({ dataset, run, fromWeights, ...request }) {
      const outFolder = await outFolderOf(run);
      await runCalibration({
        ...request,
        ...{ datasetFolder: datasetFolder(dataset), outFolder },
        from: join(blobs.folder, fromWeights),
      });
      return readTrainingArtifacts(outFolder);
    },
    time: ({ dataset, ...request }) => timeNetwork({ ...request, datasetFolder: datasetFolder(dataset) }),
    evaluate: ({ dataset, fromWeights, ...request }) =>
      runEvaluation({
        ...request,
        ...{ datasetFolder: datasetFolder(dataset), from: join(blobs.folder, fromWeights) },
      }),
  };
  return {
    ...{ models, project, clock, blobs, codeRevision: readCodeRevision },
    readImages: imagesIn(dataFolder),
    openTrust: () =>
      openTrustRepository({ folder: join(dataFolder, 'trust'), keysFolder: join(dataFolder, 'keys'), clock }),
    trainer: keepingRuns(trainer, { trainingRuns, clock, codeRevision: readCodeRevision }),
  };
}
