import { AppError } from '@pomona/wire';
import { Command } from 'commander';
import { datasetFolderOf } from '../adapters/dataset/dataset-folder.ts';
import { reportDataset, reportFigures } from '../adapters/dataset/dataset-report.ts';
import { findDataset } from './find-dataset.ts';
import { dataOption, jsonOption, pathOption } from './options.ts';
import { createOutput } from './output.ts';
import { writeOutput } from './output-file.ts';
import { withRegistry } from './with-registry.ts';

interface ReportOptions {
  readonly data: string;
  readonly out?: string;
  readonly json?: true;
}

export function reportCommand(): Command {
  return new Command('report')
    .description('what a version is like: balance, features by grade and group, outliers, duplicates')
    .argument('<name[@digest]>', 'the newest version, or the one whose digest starts so')
    .option('--out <file>', 'where to write it: a page, or its figures if it ends in .json', pathOption)
    .option(...dataOption)
    .option(...jsonOption)
    .action(async (reference: string, { data, out, json }: ReportOptions) => {
      if (out === undefined && json !== true)
        throw new AppError('bad-request', 'nobody said where to write the report', {
          hint: 'Give --out report.html for a page, --out report.json or --json for its figures.',
        });
      const { name, digest } = await withRegistry(data, ({ datasets }) => findDataset(datasets, reference));
      const folder = datasetFolderOf(data, name, digest);
      const isFigures = out?.endsWith('.json') === true;
      const figures = json || isFigures ? await reportFigures(folder) : undefined;
      if (out !== undefined)
        await writeOutput(out, isFigures ? `${JSON.stringify(figures)}\n` : await reportDataset(folder));
      createOutput(json === true).report(figures, `wrote ${out}`);
    });
}
