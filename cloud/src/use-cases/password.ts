import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** OWASP's scrypt parameters of 16 MiB; node's default limit of memory allows for no more. */
const cost = { N: 16_384, r: 8, p: 1 } as const;
const hashBytes = 32;
export const passwordBytesMax = 1_024;

/** Both base64. */
export interface HashedPassword {
  readonly salt: string;
  readonly hash: string;
}

export async function hashPassword(password: string): Promise<HashedPassword> {
  const salt = randomBytes(16);
  const hash = await derive(Buffer.from(password), salt);
  return { salt: salt.toString('base64'), hash: hash.toString('base64') };
}

const stranger = {
  salt: randomBytes(16).toString('base64'),
  hash: randomBytes(hashBytes).toString('base64'),
};

/** Takes the same time whether there is such a user, and wherever the password differs. */
export async function isPassword(stored: HashedPassword | undefined, password: Uint8Array): Promise<boolean> {
  if (password.byteLength > passwordBytesMax) return false;
  const { salt, hash } = stored ?? stranger;
  const derived = await derive(password, Buffer.from(salt, 'base64'));
  return timingSafeEqual(derived, Buffer.from(hash, 'base64')) && stored !== undefined;
}

function derive(password: Uint8Array, salt: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, hashBytes, cost, (error, key) => (error ? reject(error) : resolve(key)));
  });
}
