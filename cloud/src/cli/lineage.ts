import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { type Lineage, type LineageQuery, systemErrorCode } from '@pomona/wire';
import { Command } from 'commander';
import { datasetFolderOf, findImages } from '../adapters/dataset/dataset-folder.ts';
import { traceLineage } from '../use-cases/trace-lineage.ts';
import { describeLineage } from './describe-lineage.ts';
import { dataOption, jsonOption, pathOption } from './options.ts';
import { createOutput } from './output.ts';
import { withRegistry } from './with-registry.ts';

interface LineageOptions {
  readonly data: string;
  readonly json?: true;
}

export function lineageCommand(): Command {
  const photograph = lineageVerb('photograph', 'which datasets hold it, and what they reached')
    .argument(
      '<photograph>',
      'its file, SHA-256 of its file or crop (eight digits will do), or its path in a dataset',
    )
    .action(async (text: string, options: LineageOptions) => {
      const query = { photograph: (await digestOfFile(pathOption(text))) ?? text };
      await report(query, text, options);
    });
  const dataset = lineageVerb('dataset', 'which models learnt from it, and where those ran')
    .argument('<dataset>', 'NAME for the newest, or NAME@DIGEST')
    .action((dataset: string, options: LineageOptions) => report({ dataset }, dataset, options));
  const model = lineageVerb('model', 'what it was made of, what went on from it, and where those ran')
    .argument('<model>', 'NAME for the newest, NAME@VERSION or NAME@ALIAS')
    .action((model: string, options: LineageOptions) => report({ model }, model, options));
  return new Command('lineage')
    .description('from a photograph to the stations that grade by it, and back')
    .addCommand(photograph, { isDefault: true })
    .addCommand(dataset)
    .addCommand(model);
}

function lineageVerb(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option(...dataOption)
    .option(...jsonOption);
}

async function report(query: LineageQuery, said: string, { data, json }: LineageOptions): Promise<void> {
  const lineage: Lineage = await withRegistry(data, (registry) =>
    traceLineage(
      {
        ...registry,
        findImages: ({ name, digest }, text, fits) =>
          findImages(datasetFolderOf(data, name, digest), text, fits),
      },
      query,
    ),
  );
  createOutput(json === true).report(lineage, describeLineage(lineage, said));
}

/** Undefined where there is no such file: it may be a path within a dataset. */
async function digestOfFile(path: string): Promise<string | undefined> {
  const isFile = await stat(path).then(
    (found) => found.isFile(),
    (error: unknown) => {
      if (systemErrorCode(error) === undefined) throw error;
      return false;
    },
  );
  if (!isFile) return undefined;
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
