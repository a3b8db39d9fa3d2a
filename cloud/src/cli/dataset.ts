import { type DatasetView, isSlug, type Standardise, standardiseOf, systemClock } from '@pomona/wire';
import { Command, InvalidArgumentError } from 'commander';
import { BlobFolder } from '../adapters/blob-folder.ts';
import { DatasetFolderStore, datasetFolderOf, readDatasetFile } from '../adapters/dataset/dataset-folder.ts';
import { PhotographFolder } from '../adapters/dataset/photograph-folder.ts';
import { labelNames } from '../domain/label-names.ts';
import { importSorted } from '../use-cases/import-photographs.ts';
import { createCountBar } from './count-bar.ts';
import { acceptCommand } from './dataset-accept.ts';
import { diffCommand } from './dataset-diff.ts';
import { exportCommand } from './dataset-export.ts';
import { freezeCommand } from './dataset-freeze.ts';
import { reportCommand } from './dataset-report.ts';
import { resizeCommand } from './dataset-resize.ts';
import { takeUnsorted } from './dataset-unsorted.ts';
import { verifyCommand } from './dataset-verify.ts';
import { countsOf, describeDataset } from './describe-dataset.ts';
import { drawDataset, lineCropSize } from './draw-dataset.ts';
import { drawPortraitDataset } from './draw-portraits.ts';
import { findDataset } from './find-dataset.ts';
import { interruptSignal } from './interrupt.ts';
import { localActor } from './local-actor.ts';
import {
  type ColourOptions,
  dataOption,
  drawnSizeOption,
  equaliseOption,
  integerOption,
  jsonOption,
  pathOption,
  whiteBalanceOption,
} from './options.ts';
import { createOutput, type Output, table } from './output.ts';
import { type Registry, withRegistry } from './with-registry.ts';
import { withUnpacked } from './with-unpacked.ts';

interface DatasetOptions {
  readonly data: string;
  readonly json?: true;
}

interface ImportOptions extends DatasetOptions, ColourOptions {
  readonly name: string;
  readonly grades: string[];
  readonly size: number;
  readonly seed: number;
  readonly unsorted?: true;
}

interface DrawOptions extends DatasetOptions, ColourOptions {
  readonly name: string;
  readonly fruits: number;
  readonly size: number;
  readonly portraits?: number;
  readonly views: number;
  readonly seed: number;
}

const quarantinedShown = 10;

export function datasetCommand(): Command {
  const importing = new Command('import')
    .description('verify photographs, cut the fruit out, and freeze them as a dataset version')
    .argument('<folder>', 'a sub-folder per grade, or an index.csv; or a ZIP file of that', pathOption)
    .requiredOption('--name <name>', 'of the dataset', slugOption)
    .option('--grades <names...>', 'the grades to take, best first', ['good', 'ok', 'bad'])
    .option(
      '--size <pixels>',
      'side of the crops, that of the model that they are for',
      integerOption(16, 512),
      64,
    )
    .option(...whiteBalanceOption)
    .option(...equaliseOption)
    .option(
      '--seed <number>',
      'fixes the split of what no version of that name has',
      integerOption(0, 2 ** 31),
      1,
    )
    .option('--unsorted', 'nobody graded them yet: put them before those who label in the console')
    .option(...dataOption)
    .option(...jsonOption)
    .action(async (folder: string, options: ImportOptions) => {
      const output = createOutput(options.json === true);
      const labels = labelNames(options.grades);
      const interrupt = interruptSignal();
      try {
        if (options.unsorted)
          return await takeUnsorted({ ...options, grades: labels, folder }, output, interrupt.signal);
        const view = await withRegistry(options.data, ({ datasets, project, photographs }) =>
          importFolder({
            dataFolder: options.data,
            folder,
            name: options.name,
            labels,
            inputSize: options.size,
            standardise: standardiseOf(options),
            seed: options.seed,
            datasets,
            project,
            photographs,
            output,
            signal: interrupt.signal,
          }),
        );
        output.report(view, describeDataset(view));
      } finally {
        interrupt.dispose();
      }
    });
  const drawing = new Command('draw')
    .description('draw apples whose truth is known, and freeze them as a dataset version')
    .requiredOption('--name <name>', 'of the dataset', slugOption)
    .option('--fruits <number>', 'of 8 views each', integerOption(20, 100_000), 2_000)
    .option('--size <pixels>', 'side of their crops; compact sees most at 96', drawnSizeOption, lineCropSize)
    .option(
      '--portraits <number>',
      'instead: single apples as photographed anywhere, 96×96, for the network local',
      integerOption(60, 200_000),
    )
    .option(
      '--views <number>',
      'of each portrait’s apple as it turns, for `recipe fit`; to learn from take one',
      integerOption(1, 16),
      1,
    )
    .option(...whiteBalanceOption)
    .option(...equaliseOption)
    .option('--seed <number>', 'fixes what is drawn, and the split', integerOption(0, 2 ** 31), 1)
    .option(...dataOption)
    .option(...jsonOption)
    .action(async (options: DrawOptions, command: Command) => {
      if (options.views > 1 && options.portraits === undefined)
        command.error('error: --views goes with --portraits; other fruit is drawn in 8 views');
      const output = createOutput(options.json === true);
      const interrupt = interruptSignal();
      try {
        const { data: dataFolder, portraits: count } = options;
        const { signal } = interrupt;
        const standardise = standardiseOf(options);
        const view = await withRegistry(dataFolder, async ({ datasets }) => {
          if (count === undefined)
            return drawDataset({ ...options, standardise, dataFolder, datasets, output, signal });
          const { name, seed, views } = options;
          return drawPortraitDataset({
            ...{ dataFolder, name, seed, count, views, standardise, datasets, output, signal },
          });
        });
        output.report(view, describeDataset(view));
      } finally {
        interrupt.dispose();
      }
    });
  const list = new Command('list')
    .description('every dataset version, newest first')
    .option(...dataOption)
    .option(...jsonOption)
    .action(async (options: DatasetOptions) => {
      const views = await withRegistry(options.data, ({ datasets }) => datasets.list());
      createOutput(options.json === true).report(views, describeDatasets(views));
    });
  const show = new Command('show')
    .description('one dataset version: balance, split, quarantine')
    .argument('<dataset>', 'NAME for the newest version, or NAME@DIGEST')
    .option(...dataOption)
    .option(...jsonOption)
    .action(async (reference: string, options: DatasetOptions) => {
      const view = await withRegistry(options.data, ({ datasets }) => findDataset(datasets, reference));
      createOutput(options.json === true).report(view, describeDataset(view));
    });
  return new Command('dataset')
    .description('verified, labelled, frozen images')
    .addCommand(verifyCommand())
    .addCommand(importing)
    .addCommand(acceptCommand())
    .addCommand(freezeCommand())
    .addCommand(resizeCommand())
    .addCommand(drawing)
    .addCommand(list)
    .addCommand(show)
    .addCommand(diffCommand())
    .addCommand(exportCommand())
    .addCommand(reportCommand());
}

export interface ImportFolder {
  readonly dataFolder: string;
  readonly folder: string;
  readonly name: string;
  readonly labels: readonly string[];
  readonly inputSize: number;
  readonly standardise?: Standardise | undefined;
  readonly seed: number;
  readonly datasets: Registry['datasets'];
  readonly project: Registry['project'];
  readonly photographs: Registry['photographs'];
  readonly output: Output;
  readonly signal: AbortSignal;
}

/** Imports a folder with a progress bar and says what was quarantined and left out. */
export async function importFolder(request: ImportFolder): Promise<DatasetView> {
  const { dataFolder, output, datasets, project, photographs: kept } = request;
  const blobs = new BlobFolder(dataFolder);
  const bar = createCountBar(output, 'photographs');
  try {
    const { view, reused } = await withUnpacked(request.folder, request.signal, (folder) =>
      importSorted(
        {
          ...{ datasets, project, kept, blobs, clock: systemClock },
          photographs: new PhotographFolder(blobs),
          store: new DatasetFolderStore(dataFolder),
          readFile: ({ name, digest }) => readDatasetFile(datasetFolderOf(dataFolder, name, digest)),
        },
        {
          ...{ ...request, folder, source: request.folder, by: localActor() },
          onProgress: ({ done, total }) => bar.update(done, total),
        },
      ),
    );
    bar.stop();
    if (reused) output.say('the same content was imported before');
    sayWhatIsMissing(view, output);
    return view;
  } finally {
    bar.stop();
  }
}

function sayWhatIsMissing(view: DatasetView, output: Output): void {
  for (const { path, reason } of view.quarantined.slice(0, quarantinedShown)) {
    output.say(`quarantined ${path}: ${reason}`);
  }
  const more = view.quarantined.length - quarantinedShown;
  if (more > 0) output.say(`… and ${more} more, see \`pomona dataset show ${view.name}\``);
  const leftOut = view.leftOut.map(({ grade, count }) => `${count} ${grade}`);
  if (leftOut.length > 0) output.say(`left out, not grades of this project: ${leftOut.join(', ')}`);
}

function slugOption(text: string): string {
  if (!isSlug(text)) throw new InvalidArgumentError('expected lower-case letters, digits and dashes');
  return text;
}

function describeDatasets(views: readonly DatasetView[]): string {
  if (views.length === 0) return 'No dataset yet: make one with `pomona dataset import FOLDER --name NAME`.';
  return table(
    ['dataset', 'digest', 'images', 'groups', 'grades', 'quarantined', 'created'],
    views.map((view) => [
      view.name,
      view.digest.slice(0, 12),
      view.images,
      view.groups,
      countsOf(view.byGrade),
      view.quarantined.length,
      view.createdAt,
    ]),
  );
}
