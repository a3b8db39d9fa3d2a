import { isSlug, systemClock } from '@pomona/wire';
import { Command } from 'commander';
import { BlobFolder } from '../adapters/blob-folder.ts';
import { BlobPhotographs } from '../adapters/dataset/blob-photographs.ts';
import { DatasetFolderStore, datasetFolderOf, readDataset } from '../adapters/dataset/dataset-folder.ts';
import { acceptQuarantined } from '../use-cases/accept-quarantined.ts';
import { freezeOfPhotographs } from './dataset-freeze.ts';
import { describeDataset } from './describe-dataset.ts';
import { findDataset } from './find-dataset.ts';
import { interruptSignal } from './interrupt.ts';
import { localActor } from './local-actor.ts';
import { dataOption, jsonOption } from './options.ts';
import { createOutput } from './output.ts';
import { withRegistry } from './with-registry.ts';

interface AcceptOptions {
  readonly data: string;
  readonly why: string;
  readonly json?: true;
}

export function acceptCommand(): Command {
  return new Command('accept')
    .description(
      'take photographs out of the quarantine, as a new version, or the first, that says who did so',
    )
    .argument('<dataset>', 'NAME for the newest version, or NAME@DIGEST')
    .argument('<paths...>', 'as `dataset show` lists them')
    .requiredOption('--why <reason>', 'kept with each of them')
    .option(...dataOption)
    .option(...jsonOption)
    .action(async (reference: string, paths: string[], { data, why, json }: AcceptOptions) => {
      const interrupt = interruptSignal();
      try {
        const { signal } = interrupt;
        const view = await withRegistry(data, async (registry) => {
          const { datasets, photographs: waiting } = registry;
          // Where all was refused, or all else is of one grade, there is no version yet.
          if (isSlug(reference) && (await datasets.find(reference)) === undefined)
            return freezeOfPhotographs(
              reference,
              { data, seed: 1, accept: { paths, why }, signal },
              registry,
            );
          return acceptQuarantined(
            {
              ...{ datasets, waiting, clock: systemClock, store: new DatasetFolderStore(data) },
              read: ({ name, digest }) => readDataset(datasetFolderOf(data, name, digest)),
              photographs: new BlobPhotographs(new BlobFolder(data).folder),
            },
            await findDataset(datasets, reference),
            { paths, why, by: localActor(), source: 'command-line', signal },
          );
        });
        createOutput(json === true).report(view, describeDataset(view));
      } finally {
        interrupt.dispose();
      }
    });
}
