import type { CreatedWebhook, WebhookView } from '@pomona/wire';
import { AppError } from '@pomona/wire';
import { Command } from 'commander';
import { dataOption, integerOption, jsonOption } from './options.ts';
import { createOutput, table } from './output.ts';
import { callServer, type ServerOptions, serverOf, serverOption, tokenOption } from './running-server.ts';

interface WebhookOptions extends ServerOptions {
  readonly json?: true;
}

const idArgument = ['<id>', 'its number', integerOption(1, Number.MAX_SAFE_INTEGER)] as const;

export function webhookCommand(): Command {
  const add = verb('add', 'tell a URL of alerts')
    .argument('<url>', 'https: or http: of another machine')
    .action(async (url: string, options: WebhookOptions) => {
      const webhook = await callServer<CreatedWebhook>(serverOf(options), '/v1/webhooks', { url });
      const text = `webhook ${webhook.id}: ${url}, secret ${webhook.secret} (shown once)`;
      createOutput(options.json === true).report(webhook, text);
    });
  const list = verb('list', 'who is told of alerts, and how that went').action(
    async (options: WebhookOptions) => {
      const webhooks = await callServer<WebhookView[]>(serverOf(options), '/v1/webhooks');
      createOutput(options.json === true).report(webhooks, describeWebhooks(webhooks));
    },
  );
  const remove = verb('remove', 'tell it no more')
    .argument(...idArgument)
    .action(async (id: number, options: WebhookOptions) => {
      await callServer(serverOf(options), `/v1/webhooks/${id}`, undefined, 'DELETE');
      createOutput(options.json === true).report({ removed: id }, `removed webhook ${id}`);
    });
  const test = verb('test', 'send a test at once; fails when it was not taken')
    .argument(...idArgument)
    .action(async (id: number, options: WebhookOptions) => {
      const path = `/v1/webhooks/${id}/test`;
      const webhook = await callServer<WebhookView>(serverOf(options), path, undefined, 'POST');
      if (webhook.last?.state !== 'delivered')
        throw new AppError('webhook-not-told', `${webhook.url}: ${webhook.last?.error ?? 'not tried'}`, {
          hint: 'See that something listens there, and answers with 2xx.',
        });
      createOutput(options.json === true).report(webhook, `${webhook.url} answered ${webhook.last.status}`);
    });
  const webhook = new Command('webhook').description('programs that are told of alerts');
  for (const each of [add, list, remove, test]) webhook.addCommand(each);
  return webhook;
}

function verb(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option(...dataOption)
    .option(...serverOption)
    .option(...tokenOption)
    .option(...jsonOption);
}

function describeWebhooks(webhooks: readonly WebhookView[]): string {
  if (webhooks.length === 0) return 'No webhook yet.';
  return table(
    ['webhook', 'url', 'waiting', 'last', 'result', 'attempts'],
    webhooks.map(({ id, url, waiting, last }) => [
      id,
      url,
      waiting,
      last?.attemptedAt ?? '-',
      last === null ? '-' : (last.error ?? `answered ${last.status}`),
      last?.attempts ?? '-',
    ]),
  );
}
