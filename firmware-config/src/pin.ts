/**
 * The PIN of the operator's page, as it may stand in a file: scrypt with the parameters that OWASP gives for 16 MiB, written with
 * them, so that a later agent may choose others. A PIN has few digits: the hash keeps it from eyes and logs, and the page's limit
 * of attempts keeps it from guessing; who can read the file and has a night will find it.
 */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { AppError } from '@pomona/wire';

const cost = { N: 16_384, r: 8, p: 1 } as const;
const hashBytes = 32;
const pinPattern = /^\d{4,12}$/;
const base64 = '[A-Za-z0-9+/]+={0,2}';

/** `scrypt$N$r$p$salt$hash`, salt and hash base64. Only the parameters that this version writes: others could ask for all memory. */
export const pinHashPattern = `^scrypt\\$${cost.N}\\$${cost.r}\\$${cost.p}\\$${base64}\\$${base64}$`;

/** Throws `pin-invalid`. */
export async function hashPin(pin: string): Promise<string> {
  if (!pinPattern.test(pin))
    throw new AppError('pin-invalid', 'a PIN is 4 to 12 digits', { hint: 'Six are a good number.' });
  const salt = randomBytes(16);
  const hash = await derive(pin, salt);
  const parameters = [cost.N, cost.r, cost.p].join('$');
  return `scrypt$${parameters}$${salt.toString('base64')}$${hash.toString('base64')}`;
}

/** `stored` is one that the schema of the configuration took. */
export async function isPin(stored: string, pin: string): Promise<boolean> {
  if (!pinPattern.test(pin)) return false;
  const [salt = '', hash = ''] = stored.split('$').slice(-2);
  const expected = Buffer.from(hash, 'base64');
  const derived = await derive(pin, Buffer.from(salt, 'base64'));
  return derived.byteLength === expected.byteLength && timingSafeEqual(derived, expected);
}

function derive(pin: string, salt: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(pin, salt, hashBytes, cost, (error, key) => (error ? reject(error) : resolve(key)));
  });
}
