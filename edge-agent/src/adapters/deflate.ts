import { promisify } from 'node:util';
import zlib from 'node:zlib';

/** Raw deflate (RFC 1951) on a thread of Node's pool, so that the caller's thread goes on grading. */
export const deflateRaw: (bytes: Uint8Array) => Promise<Uint8Array> = promisify(zlib.deflateRaw);
