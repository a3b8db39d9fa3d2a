import type { AlertView } from '@pomona/wire';
import { Command } from 'commander';
import { dataOption, integerOption, jsonOption } from './options.ts';
import { createOutput, table } from './output.ts';
import { callServer, type ServerOptions, serverOf, serverOption, tokenOption } from './running-server.ts';

interface AlertOptions extends ServerOptions {
  readonly json?: true;
}

export function alertCommand(): Command {
  const list = verb('list', 'alerts, open ones first; each newest first').action(
    async (options: AlertOptions) => {
      const alerts = await callServer<AlertView[]>(serverOf(options), '/v1/alerts');
      createOutput(options.json === true).report(alerts, describeAlerts(alerts));
    },
  );
  const ack = verb('ack', 'say that you have seen to an alert')
    .argument('<id>', 'its number', integerOption(1, Number.MAX_SAFE_INTEGER))
    .requiredOption('--note <text>', 'what was found or done')
    .action(async (id: number, options: AlertOptions & { readonly note: string }) => {
      const path = `/v1/alerts/${id}/acknowledge`;
      const alert = await callServer<AlertView>(serverOf(options), path, { note: options.note });
      createOutput(options.json === true).report(alert, `alert ${id} acknowledged: ${alert.title}`);
    });
  return new Command('alert').description('what somebody should look at').addCommand(list).addCommand(ack);
}

function verb(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option(...dataOption)
    .option(...serverOption)
    .option(...tokenOption)
    .option(...jsonOption);
}

function describeAlerts(alerts: readonly AlertView[]): string {
  if (alerts.length === 0) return 'No alert so far.';
  return table(
    ['alert', 'severity', 'kind', 'station', 'opened', 'state', 'what'],
    alerts.map((alert) => [
      alert.id,
      alert.severity,
      alert.kind,
      alert.station ?? '-',
      alert.openedAt,
      `${alert.closedAt === null ? 'open' : 'over'}${alert.acknowledgedAt === null ? '' : ', acknowledged'}`,
      `${alert.title}. ${alert.detail}${alert.before ? ` Until ${alert.before.until} a warning: ${alert.before.title}.` : ''}`,
    ]),
  );
}
