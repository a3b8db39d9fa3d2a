import { access, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReproducePorts } from '../use-cases/reproduce-run.ts';
import { BlobFolder } from './blob-folder.ts';
import { datasetFolderOf } from './dataset/dataset-folder.ts';

/** What runs learn from and leave behind in a data folder. */
export function runFiles(dataFolder: string): ReproducePorts['files'] {
  const blobs = new BlobFolder(dataFolder);
  return {
    async missing({ dataset, asked }) {
      const { name, digest } = dataset;
      const wanted = [
        [`dataset ${name}@${digest}`, join(datasetFolderOf(dataFolder, name, digest), 'dataset.json')],
        ...['fromWeights', 'splits'].flatMap((input) => {
          const blob = asked[input];
          return typeof blob === 'string' ? [[`${input} ${blob}`, join(blobs.folder, blob)]] : [];
        }),
      ] as const;
      const here = await Promise.all(wanted.map(([, path]) => isThere(path!)));
      return wanted.flatMap(([words], at) => (here[at] ? [] : [words!]));
    },
    discard: (name) => rm(join(dataFolder, 'runs', name), { recursive: true, force: true }),
  };
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
