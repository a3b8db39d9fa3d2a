import { AppError, type ChannelName, type Clock, isSlug, readableChannels } from '@pomona/wire';
import { hashPassword, passwordBytesMax } from './password.ts';

const passwordCharsMin = 8;

export interface StoredReader {
  readonly user: string;
  readonly salt: string;
  readonly hash: string;
  readonly channels: readonly ChannelName[];
}

export interface ReaderPorts {
  readonly readers: { save(reader: StoredReader, nowMs: number): Promise<void> };
  readonly clock: Clock;
}

/** A user of the broker that may only subscribe, to the given channels of all lines. Error: `reader-invalid`. */
export async function addReader(
  { readers, clock }: ReaderPorts,
  user: string,
  password: string,
  channels: readonly ChannelName[] = ['grades'],
): Promise<void> {
  const known = new Set<string>(readableChannels);
  const problem = !isSlug(user)
    ? 'a user name has up to 40 small letters, digits and hyphens'
    : password.length < passwordCharsMin || Buffer.byteLength(password) > passwordBytesMax
      ? `a password has at least ${passwordCharsMin} characters and at most ${passwordBytesMax} bytes`
      : channels.length === 0 || channels.some((channel) => !known.has(channel))
        ? `the channels are some of ${readableChannels.join(', ')}`
        : undefined;
  if (problem !== undefined)
    throw new AppError('reader-invalid', problem, { hint: 'Correct it and try again.' });
  const stored = { user, ...(await hashPassword(password)) };
  await readers.save({ ...stored, channels: [...new Set(channels)] }, clock.nowMs());
}

/** It is let in no more, and the embedded broker ends its connections. Error: `reader-unknown`. */
export async function removeReader(
  { readers }: { readonly readers: { remove(user: string): Promise<boolean> } },
  user: string,
): Promise<void> {
  if (await readers.remove(user)) return;
  throw new AppError('reader-unknown', `there is no reader ${user}`, {
    hint: 'See the list: pomona reader list.',
  });
}
