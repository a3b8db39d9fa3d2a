import type { LabelAgreement, LabelEntry, SampleList } from '@pomona/wire';
import { Command } from 'commander';
import { dataOption, integerOption, jsonOption } from './options.ts';
import { createOutput, table } from './output.ts';
import { callServer, type ServerOptions, serverOf, serverOption, tokenOption } from './running-server.ts';

interface LabelOptions extends ServerOptions {
  readonly json?: true;
}

interface QueueOptions {
  readonly limit: number;
  readonly station?: string;
  readonly dataset?: string;
}

/** Labels themselves are given in the console, where one sees the fruit. */
export function labelCommand(): Command {
  return new Command('label')
    .description('which fruit to label, what was said of it, and how far people agree')
    .addCommand(queueCommand())
    .addCommand(historyCommand())
    .addCommand(agreementCommand());
}

function queueCommand(): Command {
  return verb('queue', 'fruit without a label, what helps most first, and why')
    .option('--limit <number>', 'at most so many', integerOption(1, 1_000), 20)
    .option('--station <station>', 'only of that one')
    .option('--dataset <name>', 'only photographs that were imported for that one')
    .action(async (options: LabelOptions & QueueOptions) => {
      const { limit, station, dataset } = options;
      const query = new URLSearchParams({
        order: 'queue',
        limit: String(limit),
        ...(station && { station }),
        ...(dataset && { dataset }),
      });
      const list = await callServer<SampleList>(serverOf(options), `/v1/samples?${query}`);
      createOutput(options.json === true).report(list, describeQueue(list));
    });
}

function historyCommand(): Command {
  return verb('history', 'who said what of a fruit, when and where, oldest first')
    .argument('<sample>', 'its number', integerOption(1, Number.MAX_SAFE_INTEGER))
    .action(async (id: number, options: LabelOptions) => {
      const history = await callServer<LabelEntry[]>(serverOf(options), `/v1/samples/${id}/labels`);
      createOutput(options.json === true).report(history, describeHistory(history));
    });
}

function agreementCommand(): Command {
  return verb('agreement', 'how far people agree on the fruit that two of them labelled (Cohen’s κ)').action(
    async (options: LabelOptions) => {
      const agreement = await callServer<LabelAgreement>(serverOf(options), '/v1/samples/agreement');
      const { overall, pairs } = agreement;
      const words = [overall, ...pairs].map((each) => each.words);
      createOutput(options.json === true).report(agreement, [...new Set(words)].join('\n'));
    },
  );
}

function verb(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option(...dataOption)
    .option(...serverOption)
    .option(...tokenOption)
    .option(...jsonOption);
}

function describeQueue({ samples, counts, reviews }: SampleList): string {
  const rest = `${counts.unlabelled} without a label, ${counts.quarantined} quarantined; ${reviews.second} want a second opinion, on ${reviews.disputed} two people differ`;
  if (samples.length === 0) return rest;
  const rows = samples.map(({ id, station, fruit, photograph, queue }) => [
    ...[
      id,
      station ?? photograph?.path ?? '-',
      fruit?.grade ?? '-',
      queue?.score.toFixed(2) ?? '-',
      queue?.why.join('; ') ?? '-',
    ],
  ]);
  return `${table(['sample', 'from', 'graded', 'score', 'why'], rows)}\n${rest}`;
}

const kindWords = { label: 'label', second: 'second opinion', decision: 'decision' } as const;

function describeHistory(history: readonly LabelEntry[]): string {
  if (history.length === 0) return 'Nobody said anything of it so far.';
  const nothing = { label: 'taken back', second: 'taken back', decision: 'cannot be told' } as const;
  return table(
    ['when', 'who', 'where', 'what', 'said', 'before'],
    history.map(({ at, actor, source, kind, label, before, hidden }) => [
      ...[at, actor, source, kindWords[kind]],
      ...[hidden ? 'hidden until a second person has looked' : (label ?? nothing[kind]), before ?? '-'],
    ]),
  );
}
