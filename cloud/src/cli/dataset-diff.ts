import { type DatasetDiff, describeStandardise } from '@pomona/wire';
import { Command } from 'commander';
import { datasetFolderOf, readDatasetFile } from '../adapters/dataset/dataset-folder.ts';
import { diffDatasets } from '../domain/diff-datasets.ts';
import { findDataset } from './find-dataset.ts';
import { dataOption, jsonOption } from './options.ts';
import { createOutput } from './output.ts';
import { withRegistry } from './with-registry.ts';

interface DiffOptions {
  readonly data: string;
  readonly json?: true;
}

const namedMax = 20;

export function diffCommand(): Command {
  return new Command('diff')
    .description('what came, went, and changed its grade, group or split between two versions')
    .argument('<from>', 'NAME for the newest version, or NAME@DIGEST')
    .argument('<to>', 'likewise')
    .option(...dataOption)
    .option(...jsonOption)
    .action(async (from: string, to: string, { data, json }: DiffOptions) => {
      const diff = await withRegistry(data, async ({ datasets }) => {
        const read = async (reference: string) => {
          const { name, digest } = await findDataset(datasets, reference);
          return readDatasetFile(datasetFolderOf(data, name, digest));
        };
        return diffDatasets(await read(from), await read(to));
      });
      createOutput(json === true).report(diff, describe(diff));
    });
}

function describe(diff: DatasetDiff): string {
  const { from, to, images, labels, inputSize, quarantined, standardise } = diff;
  const title = ({ name, digest }: DatasetDiff['from']) => `${name}@${digest.slice(0, 12)}`;
  const coloursOf = (setting: DatasetDiff['standardise']['from']) =>
    describeStandardise(setting ?? undefined);
  const list = (what: string, lines: readonly string[]) => [
    `${what.padEnd(11)}  ${lines.length}`,
    ...lines.slice(0, namedMax).map((line) => `  ${line}`),
    ...(lines.length > namedMax ? [`  … and ${lines.length - namedMax} more, see --json`] : []),
  ];
  const change = ({ path, from: was, to: is }: DatasetDiff['moved'][number]) => `${path}: ${was} → ${is}`;
  return [
    `${title(from)} → ${title(to)}`,
    `images       ${images.from} → ${images.to}`,
    `labels       ${labels.from.join(', ')} → ${labels.to.join(', ')}`,
    `input        ${inputSize.from} → ${inputSize.to} pixels`,
    `colours      ${coloursOf(standardise.from)} → ${coloursOf(standardise.to)}`,
    `quarantined  ${quarantined.from} → ${quarantined.to}`,
    ...list(
      'added',
      diff.added.map(({ path, grade, split }) => `${path} (${grade}, ${split})`),
    ),
    ...list(
      'removed',
      diff.removed.map(({ path, grade, split }) => `${path} (${grade}, ${split})`),
    ),
    ...list('regraded', diff.regraded.map(change)),
    ...list('regrouped', diff.regrouped.map(change)),
    ...list('moved', diff.moved.map(change)),
  ].join('\n');
}
