import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SampleView } from '@pomona/wire';
import sharp from 'sharp';

const gapPx = 2;
const scale = 3;
const photographSide = 960;

/** The views of a sample beside each other, each pixel three wide, as PNG. Throws when the blob is gone or not whole. */
export async function drawSample(
  blobsFolder: string,
  { pixels, views, size }: Pick<SampleView, 'pixels' | 'views' | 'size'>,
): Promise<Buffer> {
  const bytes = await readFile(join(blobsFolder, pixels));
  const viewBytes = size * size * 3;
  if (bytes.byteLength !== views * viewBytes) throw new Error(`blob ${pixels} is not ${views} views`);
  const width = views * size + (views - 1) * gapPx;
  const canvas = { width, height: size, channels: 3 as const, background: { r: 0, g: 0, b: 0 } };
  const raw = { width: size, height: size, channels: 3 as const };
  const sheet = await sharp({ create: canvas })
    .composite(
      Array.from({ length: views }, (_, i) => ({
        input: bytes.subarray(i * viewBytes, (i + 1) * viewBytes),
        raw,
        left: i * (size + gapPx),
        top: 0,
      })),
    )
    .png()
    .toBuffer();
  return sharp(sheet)
    .resize({ width: width * scale, kernel: 'nearest' })
    .png()
    .toBuffer();
}

/** A photograph as it came, upright and no larger than a screen, as JPEG. Throws when the blob is gone. */
export function drawPhotograph(file: string): Promise<Buffer> {
  return sharp(file)
    .autoOrient()
    .resize(photographSide, photographSide, { fit: 'inside', withoutEnlargement: true })
    .flatten({ background: '#fff' })
    .jpeg({ quality: 88 })
    .toBuffer();
}
