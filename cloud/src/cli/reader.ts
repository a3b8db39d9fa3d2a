import { randomBytes } from 'node:crypto';
import { type ChannelName, readableChannels, systemClock } from '@pomona/wire';
import { Command, Option } from 'commander';
import { SqlReaderStore } from '../adapters/sql/sql-reader-store.ts';
import { addReader, removeReader } from '../use-cases/readers.ts';
import { dataOption, jsonOption } from './options.ts';
import { createOutput, table } from './output.ts';
import { openDataFolder } from './with-registry.ts';

interface ReaderOptions {
  readonly data: string;
  readonly json?: true;
}

interface AddOptions extends ReaderOptions {
  readonly channels: ChannelName[];
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
      const before = await withReaders(options.data, async (readers) => {
        const known = await readers.find(user);
        await addReader({ readers, clock: systemClock }, user, password, options.channels);
        return known;
      });
      const shown = given === undefined ? { password } : {};
      const text = given === undefined ? `, password ${password} (shown once)` : '';
      createOutput(options.json === true).report(
        { user, channels: options.channels, ...shown },
        `${user} may read ${options.channels.join(', ')}${text}${before === undefined ? '' : `\nIt was there already, for ${before.channels.join(', ')}: the password before is good no more.`}`,
      );
    });
  const list = new Command('list')
    .description('who may read what')
    .option(...dataOption)
    .option(...jsonOption)
    .action(async (options: ReaderOptions) => {
      const readers = await withReaders(options.data, (store) => store.list());
      const rows = readers.map(({ user, channels }) => [user, channels.join(', ')]);
      createOutput(options.json === true).report(readers, table(['reader', 'channels'], rows));
    });
  const remove = new Command('remove')
    .description('let a client in no more; the embedded broker ends its connections within seconds')
    .argument('<user>', 'its name')
    .option(...dataOption)
    .option(...jsonOption)
    .action(async (user: string, options: ReaderOptions) => {
      await withReaders(options.data, (readers) => removeReader({ readers }, user));
      createOutput(options.json === true).report({ user }, `${user} is let in no more`);
    });
  return new Command('reader')
    .description(
      'users of the broker that may only read; a Mosquitto has them from `pomona broker mosquitto`',
    )
    .addCommand(add)
    .addCommand(list)
    .addCommand(remove);
}

async function withReaders<T>(data: string, act: (readers: SqlReaderStore) => Promise<T>): Promise<T> {
  const db = await openDataFolder(data);
  try {
    return await act(new SqlReaderStore(db));
  } finally {
    await db.destroy();
  }
}
