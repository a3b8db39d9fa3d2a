import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  AppError,
  counted,
  type FeatureImportance,
  type FeatureQuery,
  type FeatureSetView,
  systemErrorCode,
} from '@pomona/wire';
import { Command, Option } from 'commander';
import { featureCsv } from '../adapters/feature-csv.ts';
import { featureJson } from '../adapters/feature-json.ts';
import { featureParquet } from '../adapters/feature-parquet.ts';
import { openFeatures } from '../adapters/open-features.ts';
import { embeddingSets } from '../domain/embedding-set.ts';
import { featureSets, findFeatureSet } from '../domain/feature-set.ts';
import { featureImportance } from '../use-cases/feature-importance.ts';
import { featureRows, readFeatures } from '../use-cases/read-features.ts';
import { dataOption, instantOption, integerOption, jsonOption, pathOption, slugOption } from './options.ts';
import { createOutput, table } from './output.ts';
import { outputStream } from './output-file.ts';
import { openDataFolder } from './with-registry.ts';

interface ExportOptions extends Omit<FeatureQuery, 'format'> {
  readonly data: string;
  readonly out?: string;
  readonly format: 'csv' | 'parquet';
  readonly json?: true;
}

const allSets: readonly FeatureSetView[] = [...featureSets, embeddingSets];

export function featuresCommand(): Command {
  const list = new Command('list')
    .description('the feature sets, or the columns of one')
    .argument('[set]', 'NAME or NAME@VERSION')
    .option(...jsonOption)
    .action((reference: string | undefined, options: { readonly json?: true }) => {
      const output = createOutput(options.json === true);
      if (reference === undefined) return output.report(allSets, describeSets());
      const set = reference.split('@')[0] === 'embedding' ? embeddingSets : findFeatureSet(reference);
      output.report(set, describeSet(set));
    });
  return new Command('features')
    .description('figures of images, graded fruits and stations, in versioned sets')
    .addCommand(list)
    .addCommand(importanceCommand())
    .addCommand(exportCommand());
}

function importanceCommand(): Command {
  return new Command('importance')
    .description(
      'what shuffling each figure of pictures costs a vote of nearest neighbours, and which may be dropped',
    )
    .requiredOption('--dataset <name[@digest]>', 'whose pictures')
    .option(...dataOption)
    .option(...jsonOption)
    .action(async ({ data, dataset, json }: { data: string; dataset: string; json?: true }) => {
      const db = await openDataFolder(data);
      try {
        const found = await featureImportance(openFeatures(data, db), dataset);
        createOutput(json === true).report(found, describeImportance(found));
      } finally {
        await db.destroy();
      }
    });
}

function describeImportance({
  accuracy,
  known,
  judged,
  groups,
  drawnBy,
  repeats,
  features,
}: FeatureImportance): string {
  const points = (share: number): string => (share * 100).toFixed(1);
  return [
    `a vote of 5 neighbours among ${counted(known, 'image')} of the train split is right on ${points(accuracy)} % of ${judged} others, of ${counted(groups, 'group')}`,
    table(
      ['figure', 'points lost', `95 % over ${repeats} shuffles and ${drawnBy}s`, ''],
      features.map(({ name, mean, low, high, candidateToDrop }) => [
        ...[name, points(mean), `${points(low)} to ${points(high)}`],
        candidateToDrop ? 'candidate to drop' : '',
      ]),
    ),
    ...(drawnBy === 'image'
      ? [`with only ${counted(groups, 'group')} the intervals are over images, and say nothing of new groups`]
      : []),
  ].join('\n');
}

function exportCommand(): Command {
  return new Command('export')
    .description(
      'features as CSV or Parquet: a row per image, graded fruit (beside its label, if wanted), or window of a station',
    )
    .option('--set <set>', 'view, group, fruit, window or embedding, @VERSION for one that is not the newest')
    .option('--dataset <name[@digest]>', 'whose images')
    .option('--model <model>', 'whose areas of defects and embedding: NAME, NAME@VERSION or NAME@ALIAS')
    .option('--station <station>', 'of which; all unless named', slugOption)
    .option(
      '--from <time>',
      'of what came in from then on, e.g. 2026-11-24 or 2026-11-24T06:00:00Z',
      instantOption,
    )
    .option('--to <time>', 'of what came in before', instantOption)
    .option('--with-labels', 'beside each graded fruit the label that it had')
    .option(
      '--as-of <time>',
      'what was known then: no fruit and no label that came later (now)',
      instantOption,
    )
    .option('--limit <rows>', 'not more than these', integerOption(1, Number.MAX_SAFE_INTEGER))
    .addOption(
      new Option('--format <format>', 'how it is written; Parquet has types, and needs --out')
        .choices(['csv', 'parquet'])
        .default('csv'),
    )
    .option('--out <file>', 'where to write it; to stdout unless given', pathOption)
    .option(...dataOption)
    .option(...jsonOption)
    .action(async ({ data, out, json, format, ...query }: ExportOptions) => {
      if (format === 'parquet' && out === undefined)
        throw new AppError('bad-request', 'a Parquet file is not for a terminal', {
          hint: 'Name a file: --out features.parquet',
        });
      const db = await openDataFolder(data);
      try {
        const reading = await readFeatures(openFeatures(data, db), query);
        let count = 0;
        const countedRows = async function* () {
          for await (const rows of featureRows(reading, query)) {
            count += rows.length;
            yield rows;
          }
        };
        const asJson = json === true && out === undefined;
        const written = asJson ? featureJson : format === 'csv' ? featureCsv : featureParquet;
        const file = Readable.from(written(reading.set, countedRows()));
        if (out === undefined) return await toStdout(file);
        await pipeline(file, await outputStream(out));
        const answer = {
          file: out,
          set: reading.set.set,
          rows: count,
          ...(reading.asOf && { asOf: reading.asOf }),
        };
        createOutput(json === true).report(
          answer,
          `wrote ${counted(count, 'row')} of ${answer.set} to ${out}`,
        );
      } finally {
        await db.destroy();
      }
    });
}

/** Whoever reads may stop before the end, as `head` does. */
async function toStdout(text: Readable): Promise<void> {
  try {
    await pipeline(text, process.stdout, { end: false });
  } catch (error) {
    if (systemErrorCode(error) !== 'EPIPE') throw error;
  }
}

function describeSets(): string {
  return table(
    ['set', 'of', 'columns', 'what a row is'],
    allSets.map(({ set, source, columns, about }) => [set, source, columns.length, about]),
  );
}

function describeSet({ set, about, keys, columns }: FeatureSetView): string {
  const rows = columns.map(({ name, unit, about: what }) => [name, unit, what]);
  return [`${set}  ${about}`, `keys  ${keys.join(', ')}`, '', table(['column', 'unit', 'what'], rows)].join(
    '\n',
  );
}
