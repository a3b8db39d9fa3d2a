import { type ChannelName, readableChannels } from '@pomona/wire';
import { expect, it } from 'vitest';
import { ManualClock } from '../testing/manual-clock.ts';
import { addReader, type StoredReader } from './readers.ts';

async function add(...channels: ChannelName[]): Promise<StoredReader[]> {
  const saved: StoredReader[] = [];
  const readers = { save: async (reader: StoredReader) => void saved.push(reader) };
  await addReader({ readers, clock: new ManualClock() }, 'erp', 'long enough', channels);
  return saved;
}

it('grants every channel that readers may have', async () => {
  expect((await add(...readableChannels))[0]!.channels).toEqual(readableChannels);
});

it.each(['desired', 'ack', 'transfer/chunk'] as const)('does not grant %s', async (channel) => {
  await expect(add('grades', channel)).rejects.toMatchObject({
    code: 'reader-invalid',
    message: expect.stringMatching(/^the channels are some of status, .*alerts$/),
  });
});
