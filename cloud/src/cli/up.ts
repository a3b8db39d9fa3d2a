import { once } from 'node:events';
import { systemClock } from '@pomona/wire';
import { Command } from 'commander';
import { pino } from 'pino';
import { defaultKeepDays } from '../domain/keep-days.ts';
import { databaseUrlFrom, databaseUrlOption } from './database-option.ts';
import { interruptSignal } from './interrupt.ts';
import { dataOption, integerOption, jsonOption, portOption } from './options.ts';
import { createOutput } from './output.ts';
import { announceServer, withdrawServer } from './running-server.ts';

interface UpOptions {
  readonly data: string;
  readonly databaseUrl?: string;
  readonly brokerUrl?: string;
  readonly host: string;
  readonly deviceHost?: string;
  readonly publicHost?: string;
  readonly httpPort: number;
  readonly devicePort: number;
  readonly mqttPort: number;
  readonly keepDays: number;
  readonly logLevel: string;
  readonly json?: true;
}

export function upCommand(): Command {
  return new Command('up')
    .description('run the control plane: MQTT broker, REST API, console, store')
    .option(...dataOption)
    .option(...databaseUrlOption)
    .option('--broker-url <url>', 'an MQTT broker elsewhere, as mqtts://host:8883 (POMONA_BROKER_URL)')
    .option('--host <address>', 'where the REST API and the console listen', '127.0.0.1')
    .option('--device-host <address>', 'where devices and MQTT clients connect (as --host)')
    .option('--public-host <name>', 'the name by which devices reach this machine')
    .option('--http-port <port>', 'REST API and console, 0 for a free one', portOption, 8080)
    .option('--device-port <port>', 'enrolment of devices, 0 for a free one', portOption, 8443)
    .option('--mqtt-port <port>', 'MQTT over TLS, 0 for a free one', portOption, 8883)
    .option(
      '--keep-days <days>',
      'fruits, health, drift windows and samples without a label are deleted after so many days, 0 keeps all',
      integerOption(0, 36_500),
      defaultKeepDays,
    )
    .option('--log-level <level>', 'error, warn, info or debug', 'info')
    .option(...jsonOption)
    .action(runUp);
}

async function runUp(options: UpOptions): Promise<void> {
  const output = createOutput(options.json === true);
  const interrupt = interruptSignal();
  const { data, deviceHost, publicHost } = options;
  const brokerUrl = options.brokerUrl ?? process.env.POMONA_BROKER_URL;
  const logger = pino({ level: options.logLevel }, pino.destination({ dest: 2, sync: true }));
  // Not above: who asks for help should not wait for all of it.
  const { startControlPlane } = await import('../control-plane.ts');
  const controlPlane = await startControlPlane({
    dataFolder: data,
    ...databaseUrlFrom(options.databaseUrl),
    ...(brokerUrl ? { brokerUrl } : {}),
    host: options.host,
    ...(deviceHost === undefined ? {} : { deviceHost }),
    ...(publicHost === undefined ? {} : { publicHost }),
    httpPort: options.httpPort,
    devicePort: options.devicePort,
    mqttPort: options.mqttPort,
    keepDays: options.keepDays,
    logger,
    clock: systemClock,
  });
  try {
    announceServer(data, { pid: process.pid, urls: controlPlane.urls });
    const { urls, caFile } = controlPlane;
    const setUpUrl = await controlPlane.setUpUrl();
    const setUp =
      setUpUrl === null ? '' : `set up   ${setUpUrl}\n         makes the first admin, once, within a day\n`;
    output.report(
      { urls, caFile, dataFolder: data, setUpUrl },
      `${setUp}console  ${urls.console}\ndevices  ${urls.device}\nbroker   ${urls.broker}\nCA       ${caFile}\nCtrl-C stops it.`,
    );
    const ended = AbortSignal.any([interrupt.signal, controlPlane.lost]);
    if (!ended.aborted) await once(ended, 'abort');
    if (controlPlane.lost.aborted) throw controlPlane.lost.reason;
  } finally {
    withdrawServer(data);
    await controlPlane.stop();
    interrupt.dispose();
  }
}
