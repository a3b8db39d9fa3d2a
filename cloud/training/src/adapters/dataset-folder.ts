import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cellsOf, type Dataset, datasetOf } from '../domain/dataset.ts';
import { trainingError } from '../domain/errors.ts';

/** A frozen dataset version: `dataset.json`, `crops.u8`, and `defects.u8` where there are maps. */
export async function readDatasetFolder(folder: string): Promise<Dataset> {
  const read = async (name: string): Promise<Buffer> => {
    try {
      return await readFile(join(folder, name));
    } catch (error) {
      throw trainingError(
        'dataset-unreadable',
        `cannot read ${join(folder, name)}: ${(error as Error).message}`,
        error,
      );
    }
  };
  const json = parse((await read('dataset.json')).toString('utf8'));
  const crops = await read('crops.u8');
  return datasetOf(json, crops, cellsOf(json) > 0 ? await read('defects.u8') : undefined);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw trainingError('dataset-malformed', `dataset.json is not JSON: ${error.message}`, error);
    }
    throw error;
  }
}
