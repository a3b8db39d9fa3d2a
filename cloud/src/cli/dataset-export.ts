import { counted } from '@pomona/wire';
import { Command } from 'commander';
import { csvOf } from '../adapters/csv.ts';
import { datasetFolderOf, readDatasetFile } from '../adapters/dataset/dataset-folder.ts';
import { exportColumns, exportRow } from '../domain/export-dataset.ts';
import { findDataset } from './find-dataset.ts';
import { dataOption, jsonOption, pathOption } from './options.ts';
import { createOutput } from './output.ts';
import { writeOutput } from './output-file.ts';
import { withRegistry } from './with-registry.ts';

interface ExportOptions {
  readonly data: string;
  readonly out?: string;
  readonly json?: true;
}

export function exportCommand(): Command {
  return new Command('export')
    .description(
      'a row per image: grade, group, split, digests, where it comes from, who labelled and accepted it',
    )
    .argument('<dataset>', 'NAME for the newest version, or NAME@DIGEST')
    .option('--out <file>', 'where to write CSV; without it, to stdout', pathOption)
    .option(...dataOption)
    .option(...jsonOption)
    .action(async (reference: string, { data, out, json }: ExportOptions) => {
      const view = await withRegistry(data, ({ datasets }) => findDataset(datasets, reference));
      const file = await readDatasetFile(datasetFolderOf(data, view.name, view.digest));
      const rows = file.images.map(exportRow);
      const output = createOutput(json === true);
      const csv = csvOf(exportColumns, rows);
      if (out === undefined) return output.report({ ...view, rows }, csv.trimEnd());
      await writeOutput(out, csv);
      output.report({ file: out, rows: rows.length }, `wrote ${counted(rows.length, 'row')} to ${out}`);
    });
}
