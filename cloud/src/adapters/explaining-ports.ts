import type { ModelView } from '@pomona/wire';
import type { ExplainWorstPorts } from '../use-cases/explain-worst.ts';
import { readCrops } from './dataset/dataset-crops.ts';
import { datasetFolderOf } from './dataset/dataset-folder.ts';
import type { Predictor } from './predictor.ts';

/** Explains pictures of the datasets of a data folder. */
export function explainingPorts(dataFolder: string, predictor: Predictor): ExplainWorstPorts {
  return {
    async readCrops({ name, digest }: ModelView['dataset'], digests) {
      try {
        return await readCrops(datasetFolderOf(dataFolder, name, digest), digests);
      } catch (error) {
        // An imported release comes without its pictures, and figures can be read without them.
        if (error instanceof Error && 'code' in error && error.code === 'dataset-damaged') return new Map();
        throw error;
      }
    },
    lookAtCrop: (model, crop) => predictor.lookAtCrop(model, crop),
  };
}
