import { randomBytes } from 'node:crypto';
import { type ChannelName, readableChannels, systemClock } from '@pomona/wire';
import { Command, Option } from 'commander';
import { SqlReaderStore } from '../adapters/sql/sql-reader-store.ts';
import { addReader } from '../use-cases/add-reader.ts';
import { dataOption, jsonOption } from './options.ts';
import { createOutput } from './output.ts';
import { openDataFolder } from './with-registry.ts';

interface AddOptions {
  readonly data: string;
  readonly channels: ChannelName[];
  readonly json?: true;
}

export function readerCommand(): Command {
  const add = new Command('add')
    .description('let an MQTT client read channels of all stations, with a user and a password')
    .argument('<user>', 'its name; adding it again gives it a new password')
    .addOption(
      new Option('--channels <names...>', 'what it may read').choices(readableChannels).default(['grades']),
    )
    .option(...dataOption)
    .option(...jsonOption)
    .addHelpText('after', '\nThe password is taken from POMONA_READER_PASSWORD, or made and printed once.')
    .action(async (user: string, options: AddOptions) => {
      const given = process.env.POMONA_READER_PASSWORD;
      const password = given ?? randomBytes(18).toString('base64url');
      const db = await openDataFolder(options.data);
      try {
        const readers = new SqlReaderStore(db);
        await addReader({ readers, clock: systemClock }, user, password, options.channels);
      } finally {
        await db.destroy();
      }
      const shown = given === undefined ? { password } : {};
      const text = given === undefined ? `, password ${password} (shown once)` : '';
      createOutput(options.json === true).report(
        { user, channels: options.channels, ...shown },
        `${user} may read ${options.channels.join(', ')}${text}`,
      );
    });
  return new Command('reader').description('users of the broker that may only read').addCommand(add);
}
