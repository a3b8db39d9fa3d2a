import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { LinePicture } from '../use-cases/live-picture.ts';

const pack = promisify(gzip);

/** Packs a picture once for all who look at it, with gzip. */
export function picturePacker(): (picture: LinePicture) => Promise<Buffer> {
  const packed = new WeakMap<LinePicture, Promise<Buffer>>();
  return (picture) => {
    const bytes = packed.get(picture) ?? pack(bytesOf(picture), { level: 1 });
    packed.set(picture, bytes);
    return bytes;
  };
}

/** Length of the header as uint32, little endian; the header as JSON; uint8 [height, width, 3], RGB. */
function bytesOf({ id, width, height, fruit, pixels }: LinePicture): Buffer {
  const header = Buffer.from(JSON.stringify({ id, width, height, fruit }));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(header.byteLength);
  return Buffer.concat([length, header, pixels]);
}
