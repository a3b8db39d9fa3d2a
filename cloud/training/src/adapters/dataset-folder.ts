import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemErrorCode } from '@pomona/wire';
import { cellsOf, type Dataset, type DatasetImage, datasetOf } from '../domain/dataset.ts';
import { trainingError } from '../domain/errors.ts';
import type { Knowledge } from '../domain/held-against.ts';

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

/** What a dataset version did with its images, by their digests; undefined where it is not here any more. */
export async function readKnowledge(folder: string): Promise<Knowledge | undefined> {
  try {
    return knowledgeOf(parse(await readFile(join(folder, 'dataset.json'), 'utf8')));
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function knowledgeOf(json: unknown): Knowledge {
  const { images = [] } = json as { images?: readonly Pick<DatasetImage, 'digest' | 'split'>[] };
  return new Map(images.map(({ digest, split }) => [digest, split]));
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
