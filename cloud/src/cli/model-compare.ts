import type { ComparedFigure, ModelComparison } from '@pomona/wire';
import { Command, Option } from 'commander';
import { explainingPorts } from '../adapters/explaining-ports.ts';
import { pictureWorst } from '../adapters/picture-worst.ts';
import { Predictor } from '../adapters/predictor.ts';
import { type CardFormat, cardFormats } from '../domain/card-document.ts';
import { compareModels } from '../domain/compare-models.ts';
import { writeCard } from '../use-cases/write-card.ts';
import { dataOption, jsonOption, pathOption } from './options.ts';
import { createOutput, table } from './output.ts';
import { writeOutput } from './output-file.ts';
import { withRegistry } from './with-registry.ts';

interface CompareOptions {
  readonly data: string;
  readonly json?: true;
}

interface CardOptions extends CompareOptions {
  readonly format: CardFormat;
  readonly out?: string;
}

const reference = 'NAME for the newest, NAME@VERSION or NAME@ALIAS';

export function compareCommand(): Command {
  return new Command('compare')
    .description('figures and settings of two versions side by side')
    .argument('<first>', reference)
    .argument('<second>', reference)
    .option(...dataOption)
    .option(...jsonOption)
    .action(async (first: string, second: string, { data, json }: CompareOptions) => {
      const comparison = await withRegistry(data, async ({ models }) =>
        compareModels(await models.resolve(first), await models.resolve(second)),
      );
      createOutput(json === true).report(comparison, describeComparison(comparison));
    });
}

export function cardCommand(): Command {
  return new Command('card')
    .description('write what is known of a version as a page: HTML by itself, or Markdown')
    .argument('<model>', reference)
    .addOption(new Option('--format <format>', 'how it is written').choices(cardFormats).default('markdown'))
    .option('--out <file>', 'instead of printing it', pathOption)
    .option(...dataOption)
    .action(async (model: string, { data, format, out }: CardOptions) => {
      const card = await cardOf(data, model, format);
      if (out === undefined) return void process.stdout.write(card);
      await writeOutput(out, card);
      createOutput(false).say(`wrote ${out}`);
    });
}

async function cardOf(data: string, reference: string, format: CardFormat): Promise<string> {
  const predictor = new Predictor(data);
  const explaining = explainingPorts(data, predictor);
  try {
    return await withRegistry(data, async (registry) =>
      writeCard(
        { ...registry, pictureWorst: (model) => pictureWorst(explaining, model) },
        await registry.models.resolve(reference),
        format,
      ),
    );
  } finally {
    await predictor.stop();
  }
}

function describeComparison({ a, b, figures, settings, notes }: ModelComparison): string {
  const [left, right] = [`${a.name}@${a.version}`, `${b.name}@${b.version}`];
  const rows = figures.map((figure) => [
    figure.name,
    valueText(figure.unit, figure.a),
    valueText(figure.unit, figure.b),
    differenceText(figure),
    { a: left, b: right, same: 'same', none: '' }[figure.better ?? 'none'],
  ]);
  return [
    table(['figure', left, right, 'difference', 'better'], rows),
    ...(settings.length === 0
      ? []
      : [
          '',
          table(
            ['made with', left, right],
            settings.map((each) => [each.name, each.a ?? '-', each.b ?? '-']),
          ),
        ]),
    ...(notes.length === 0 ? [] : ['', ...notes]),
  ].join('\n');
}

function differenceText({ unit, difference }: ComparedFigure): string {
  if (difference === null) return '-';
  const sign = difference > 0 ? '+' : '';
  return unit === 'share'
    ? `${sign}${(difference * 100).toFixed(1)} points`
    : `${sign}${valueText(unit, difference)}`;
}

function valueText(unit: ComparedFigure['unit'], value: number | null): string {
  if (value === null) return '-';
  if (unit === 'share') return `${(value * 100).toFixed(1)} %`;
  if (unit === 'cost') return value.toFixed(3);
  return unit === 'ms' ? `${value.toFixed(3)} ms` : String(value);
}
