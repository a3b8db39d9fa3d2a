import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { AppError, type ChannelName, type Clock, channelNames, isSlug } from '@pomona/wire';

/** OWASP's scrypt parameters of 16 MiB; node's default limit of memory allows for no more. */
const cost = { N: 16_384, r: 8, p: 1 } as const;
const hashBytes = 32;
export const passwordCharsMin = 8;
export const passwordBytesMax = 1_024;

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
  const known = new Set<string>(channelNames);
  const problem = !isSlug(user)
    ? 'a user name has up to 40 small letters, digits and hyphens'
    : password.length < passwordCharsMin || Buffer.byteLength(password) > passwordBytesMax
      ? `a password has at least ${passwordCharsMin} characters and at most ${passwordBytesMax} bytes`
      : channels.length === 0 || channels.some((channel) => !known.has(channel))
        ? `the channels are some of ${channelNames.join(', ')}`
        : undefined;
  if (problem !== undefined)
    throw new AppError('reader-invalid', problem, { hint: 'Correct it and try again.' });
  const salt = randomBytes(16);
  const hash = await derive(Buffer.from(password), salt);
  const stored = { user, salt: salt.toString('base64'), hash: hash.toString('base64') };
  await readers.save({ ...stored, channels: [...new Set(channels)] }, clock.nowMs());
}

const stranger = {
  salt: randomBytes(16).toString('base64'),
  hash: randomBytes(hashBytes).toString('base64'),
};

/** Takes the same time whether the reader is known, and wherever the password differs. */
export async function isPassword(
  reader: Pick<StoredReader, 'salt' | 'hash'> | undefined,
  password: Uint8Array,
): Promise<boolean> {
  if (password.byteLength > passwordBytesMax) return false;
  const { salt, hash } = reader ?? stranger;
  const derived = await derive(password, Buffer.from(salt, 'base64'));
  return timingSafeEqual(derived, Buffer.from(hash, 'base64')) && reader !== undefined;
}

function derive(password: Uint8Array, salt: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, hashBytes, cost, (error, key) => (error ? reject(error) : resolve(key)));
  });
}
