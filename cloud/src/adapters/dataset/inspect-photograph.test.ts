import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { breachOf, defaultImageLimits } from '../../domain/image-limits.ts';
import { drawPhotograph } from '../../testing/draw-photograph.ts';
import { inspectPhotograph, photographBytesMax } from './inspect-photograph.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'inspect-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function reasonOf(bytes: Uint8Array | string): Promise<string> {
  const path = join(folder, 'photograph');
  await writeFile(path, bytes);
  const inspection = await inspectPhotograph(path, { inputSize: 64 });
  if (!inspection.ok) return inspection.reason;
  const breach = breachOf(inspection.figures, defaultImageLimits);
  return breach?.reason ?? `accepted, ${inspection.crop.byteLength} bytes`;
}

const accepted = `accepted, ${64 * 64 * 3} bytes`;

describe('a photograph', () => {
  it.each(['jpeg', 'png', 'webp', 'tiff', 'avif'] as const)(
    'is accepted as %s, whatever its name',
    async (format) => {
      expect(await reasonOf(await drawPhotograph(1).toFormat(format).toBuffer())).toBe(accepted);
    },
  );

  it('is accepted in greys, with transparency, with 16 bits and turned by its EXIF', async () => {
    const picture = () => drawPhotograph(2);
    expect(await reasonOf(await picture().greyscale().toColourspace('b-w').png().toBuffer())).toBe(accepted);
    expect(await reasonOf(await picture().ensureAlpha(0.9).png().toBuffer())).toBe(accepted);
    expect(await reasonOf(await picture().toColourspace('rgb16').png().toBuffer())).toBe(accepted);
    expect(await reasonOf(await picture().withMetadata({ orientation: 6 }).jpeg().toBuffer())).toBe(accepted);
  });

  it('is turned upright before it is cut out', async () => {
    const tall = await drawPhotograph(3)
      .extend({ top: 40, bottom: 40, background: '#d8d2c4' })
      .png()
      .toBuffer();
    const lying = await sharp(tall).rotate(-90).withMetadata({ orientation: 6 }).png().toBuffer();
    const crops = await Promise.all(
      [tall, lying].map(async (bytes, i) => {
        const path = join(folder, `turned-${i}`);
        await writeFile(path, bytes);
        const inspection = await inspectPhotograph(path, { inputSize: 64 });
        return inspection.ok ? Buffer.from(inspection.crop).toString('hex') : inspection.reason;
      }),
    );
    expect(crops[1]).toBe(crops[0]);
  });

  it('is refused when it is empty, missing, text, a folder, or a program that draws', async () => {
    expect(await reasonOf('')).toBe('the file is empty');
    expect(await reasonOf('good apples')).toMatch(/not a JPEG/);
    expect(await reasonOf('<svg xmlns="http://www.w3.org/2000/svg" width="99" height="99"/>')).toMatch(
      /not a JPEG/,
    );
    expect(await reasonOf('%PDF-1.7')).toMatch(/not a JPEG/);
    expect(await inspectPhotograph(join(folder, 'absent'), { inputSize: 64 })).toEqual({
      ok: false,
      fault: 'photograph-damaged',
      reason: 'the file cannot be read (ENOENT)',
    });
    expect(await inspectPhotograph(folder, { inputSize: 64 })).toEqual({
      ok: false,
      fault: 'photograph-damaged',
      reason: 'the file cannot be read (EISDIR)',
    });
  });

  it.each(['jpeg', 'png', 'webp', 'tiff', 'avif'] as const)(
    'is named as cut off when a %s ends too early, wherever',
    async (format) => {
      const whole = await drawPhotograph(4).toFormat(format).toBuffer();
      // The last of a TIFF is what the entries of its directory point at.
      for (const share of format === 'tiff' ? [0.02, 0.3, 0.6] : [0.02, 0.3, 0.6, 0.95])
        expect(await reasonOf(whole.subarray(0, Math.max(16, whole.length * share))), `${share}`).toBe(
          'it is cut off: the file ends before the picture does',
        );
    },
  );

  it.each(['heic....mif1heic', 'mif1....mif1heic', 'hevc....msf1'])(
    'is refused by the name of its format where a phone wrote it as %s',
    async (brands) => {
      expect(await reasonOf(`\0\0\0\x18ftyp${brands}`)).toMatch(/^it is a HEIC image.*export it as JPEG/);
    },
  );

  it('is refused when it holds other bytes than it should, which is not being cut off', async () => {
    for (const format of ['jpeg', 'png'] as const) {
      const whole = await drawPhotograph(4).toFormat(format).toBuffer();
      expect(
        await reasonOf(
          Buffer.concat([whole.subarray(0, 24), Buffer.alloc(900, 0x9a), Buffer.from([0xff, 0xd9])]),
        ),
      ).toMatch(/cannot be decoded/);
    }
  });

  it('is refused when it is tiny, of more bytes or more pixels than anyone needs', async () => {
    expect(await reasonOf(await drawPhotograph(1, '#b02a30', 31).png().toBuffer())).toMatch(
      /31 × 31 pixels, at least 32/,
    );
    expect(await reasonOf(hugePng(60_000, 60_000))).toBe(
      'it has 60000 × 60000 pixels: more than 120 million',
    );
    const path = join(folder, 'sparse');
    await writeFile(path, '');
    await truncate(path, photographBytesMax + 1);
    expect(await inspectPhotograph(path, { inputSize: 64 })).toMatchObject({
      ok: false,
      reason: expect.stringMatching(/more than/),
    });
  });

  it('is refused when no fruit stands out in it', async () => {
    const empty = sharp({ create: { width: 200, height: 150, channels: 3, background: '#a0a080' } });
    expect(await reasonOf(await empty.png().toBuffer())).toMatch(/no single fruit/);
  });
});

/** A file of a few hundred bytes that claims to hold billions of pixels. */
function hugePng(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    pngChunk('IHDR', header),
    pngChunk('IDAT', deflateSync(Buffer.alloc(4096))),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

function pngChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}
