import { type DatasetView, type SampleReason, sampleReasons, systemClock } from '@pomona/wire';
import { Command, Option } from 'commander';
import { BlobFolder } from '../adapters/blob-folder.ts';
import { BlobPhotographs } from '../adapters/dataset/blob-photographs.ts';
import { DatasetFolderStore, datasetFolderOf, readDatasetFile } from '../adapters/dataset/dataset-folder.ts';
import { freezingPorts } from '../adapters/dataset/freezing-ports.ts';
import { type FreezePhotographsRequest, freezePhotographs } from '../use-cases/freeze-photographs.ts';
import { freezeLabelled } from '../use-cases/freeze-samples.ts';
import { describeDataset } from './describe-dataset.ts';
import { findDataset } from './find-dataset.ts';
import { localActor } from './local-actor.ts';
import { dataOption, instantOption, integerOption, jsonOption } from './options.ts';
import { createOutput } from './output.ts';
import { type Registry, withRegistry } from './with-registry.ts';

interface FreezeOptions {
  readonly data: string;
  readonly model: string;
  readonly reason?: SampleReason;
  readonly labelsAt?: string;
  readonly seed: number;
  readonly photographs?: true;
  readonly size?: number;
  readonly json?: true;
}

export function freezeCommand(): Command {
  return new Command('freeze')
    .description(
      'what people labelled, as a new version: the fruit of the stations added to a dataset, or photographs',
    )
    .argument('<dataset>', 'NAME for the newest version, or NAME@DIGEST; with --photographs NAME')
    .option('--photographs', 'the photographs that were imported for it, by their labels, and nothing else')
    .option(
      '--size <pixels>',
      'with --photographs: side of the model’s input (as imported)',
      integerOption(16, 512),
    )
    .option('--model <name>', 'only fruit that this model graded', 'apples')
    .addOption(
      new Option('--reason <reason>', 'only fruit that was sampled for this').choices([...sampleReasons]),
    )
    .option(
      '--labels-at <instant>',
      'the labels that held then, like 2026-10-14T10:00 (those that hold now)',
      instantOption,
    )
    .option('--seed <number>', 'fixes the split of what is new', integerOption(0, 2 ** 31), 1)
    .option(...dataOption)
    .option(...jsonOption)
    .action(async (reference: string, options: FreezeOptions) => {
      const { data, model, reason, labelsAt, seed, json } = options;
      const view = await withRegistry(data, async (registry) => {
        const { size } = options;
        if (options.photographs)
          return freezeOfPhotographs(reference, { data, labelsAt, seed, size }, registry);
        const { datasets, samples, models } = registry;
        const ports = { ...freezingPorts(data, systemClock), datasets, samples, models };
        const query = { model, ...(reason === undefined ? {} : { reason }) };
        return freezeLabelled(ports, await findDataset(datasets, reference), { query, labelsAt, seed });
      });
      createOutput(json === true).report(view, describeDataset(view));
    });
}

/** A version of the photographs that were imported for `name`, by their labels. */
export async function freezeOfPhotographs(
  name: string,
  { data, ...wanted }: Omit<FreezePhotographsRequest, 'name' | 'by' | 'source'> & { readonly data: string },
  { datasets, project, photographs }: Registry,
): Promise<DatasetView> {
  const blobs = new BlobFolder(data);
  const { view } = await freezePhotographs(
    {
      ...{ datasets, project, labelled: photographs, clock: systemClock },
      store: new DatasetFolderStore(data),
      kept: new BlobPhotographs(blobs.folder),
      readBlob: (digest) => blobs.read(digest),
      readFile: (of) => readDatasetFile(datasetFolderOf(data, of.name, of.digest)),
    },
    { ...wanted, name, by: localActor(), source: 'command-line' },
  );
  return view;
}
