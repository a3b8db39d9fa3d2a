import { join } from 'node:path';
import { systemClock } from '@pomona/wire';
import { Command } from 'commander';
import { writeMosquittoFolder } from '../adapters/mosquitto-folder.ts';
import { SqlReaderStore } from '../adapters/sql/sql-reader-store.ts';
import { dataOption, jsonOption, pathOption, portOption } from './options.ts';
import { createOutput } from './output.ts';
import { openDataFolder } from './with-registry.ts';

interface MosquittoCommandOptions {
  readonly data: string;
  readonly out: string;
  readonly installedIn?: string;
  readonly hosts: string[];
  readonly port: number;
  readonly readerPort: number;
  readonly json?: true;
}

export function brokerCommand(): Command {
  const mosquitto = new Command('mosquitto')
    .description('write what Mosquitto needs to be the broker of this control plane')
    .requiredOption('--out <folder>', 'where the files are written', pathOption)
    .option('--installed-in <folder>', 'where they will lie on the broker’s machine (as --out)')
    .requiredOption('--hosts <names...>', 'names and addresses by which stations reach the broker')
    .option('--port <port>', 'for stations and the control plane', portOption, 8883)
    .option('--reader-port <port>', 'for readers with a password', portOption, 8884)
    .option(...dataOption)
    .option(...jsonOption)
    .action(async ({ data, out, installedIn, hosts, port, readerPort, json }: MosquittoCommandOptions) => {
      const db = await openDataFolder(data);
      const readers = await new SqlReaderStore(db).list().finally(() => db.destroy());
      const plan = { dataFolder: data, out, hosts, port, readerPort, readers };
      const gone = await writeMosquittoFolder(
        { ...plan, ...(installedIn === undefined ? {} : { installedIn }) },
        systemClock,
      );
      const file = join(out, 'readers.passwd');
      const commands = readers.map(({ user }) => `mosquitto_passwd ${file} ${user}`);
      const removals = gone.map((user) => `mosquitto_passwd -D ${file} ${user}`);
      const passwords = [
        ...(commands.length === 0 ? [] : ['Each reader needs its password there too:', ...commands]),
        ...(removals.length === 0 ? [] : ['Passwords of who is no reader any more:', ...removals]),
      ];
      createOutput(json === true).report(
        {
          folder: out,
          brokerUrl: `mqtts://${hosts[0]}:${port}`,
          passwordCommands: commands,
          removalCommands: removals,
        },
        [
          `mosquitto -c ${join(installedIn ?? out, 'mosquitto.conf')}`,
          `pomona up --broker-url mqtts://${hosts[0]}:${port}`,
          ...passwords,
        ].join('\n'),
      );
    });
  return new Command('broker').description('brokers beside the embedded one').addCommand(mosquitto);
}
