import { readFile, stat } from 'node:fs/promises';
import { findPhotographedFruit, type StandardCrop } from '@pomona/grading';
import { systemErrorCode } from '@pomona/wire';
import readExif from 'exif-reader';
import sharp from 'sharp';
import { measuredSide, measureImage } from '../../domain/image-figures.ts';
import { lookOf } from '../../domain/near-duplicates.ts';
import { formatsRead, type PhotographFault } from '../../domain/photograph-faults.ts';
import type { CropWanted, Inspection } from '../../use-cases/dataset-ports.ts';
import { formatOf, isCutOff, isHeic } from './picture-bytes.ts';

export const photographBytesMax = 64 * 1024 * 1024;
/** A file of a few kilobytes can claim to be of any size: this many pixels are decoded at most. */
const pixelsMax = 120_000_000;
/** The search for the outline needs so many; a project may ask for more. */
const sideMin = 32;
/** Photographs are shrunk to this; the fruit in them is still larger than any crop. */
const workingSide = 640;
/**
 * Measures a photograph and makes its standard crop; whether its figures will do is for others to say. What is wrong with
 * the file is an answer, not an error.
 */
export async function inspectPhotograph(path: string, wanted: CropWanted): Promise<Inspection> {
  try {
    const { size } = await stat(path);
    if (size > photographBytesMax)
      return refuse('photograph-size', `the file has more than ${photographBytesMax} bytes`);
    return await cutFruit(await readFile(path), wanted);
  } catch (error) {
    const code = systemErrorCode(error);
    if (code !== undefined) return refuse('photograph-damaged', `the file cannot be read (${code})`);
    throw error;
  }
}

/** The fruit of a photograph's bytes, or why there is none. */
export async function cutFruit(bytes: Buffer, wanted: CropWanted): Promise<CutFruit> {
  if (bytes.length === 0) return refuse('photograph-damaged', 'the file is empty');
  if (formatOf(bytes) === undefined)
    return refuse(
      'photograph-format',
      isHeic(bytes)
        ? 'it is a HEIC image, as many phones keep them: export it as JPEG'
        : `it is not a ${formatsRead} image`,
    );
  try {
    return await decodeAndCut(bytes, wanted);
  } catch (error) {
    // Whatever the decoder has to say about the bytes of others is its finding about them.
    if (!(error instanceof Error)) throw error;
    if (isCutOff(bytes, error.message))
      return refuse('photograph-damaged', 'it is cut off: the file ends before the picture does');
    return refuse('photograph-damaged', `it cannot be decoded: ${firstLine(error.message)}`);
  }
}

export type CutFruit =
  | (Extract<Inspection, { ok: true }> & Omit<StandardCrop, 'crop'>)
  | Extract<Inspection, { ok: false }>;

async function decodeAndCut(bytes: Buffer, { inputSize, standardise }: CropWanted): Promise<CutFruit> {
  const picture = sharp(bytes, { limitInputPixels: pixelsMax, failOn: 'error' });
  // Said of the file's head alone, which asks for no memory.
  const { width, height, exif } = await sharp(bytes, { limitInputPixels: false }).metadata();
  if (width * height > pixelsMax)
    return refuse(
      'photograph-size',
      `it has ${width} × ${height} pixels: more than ${pixelsMax / 1e6} million`,
    );
  if (Math.min(width, height) < sideMin)
    return refuse(
      'photograph-size',
      `it has ${width} × ${height} pixels, at least ${sideMin} × ${sideMin} are needed`,
    );
  const { data, info } = await picture
    .autoOrient()
    .resize(workingSide, workingSide, { fit: 'inside', withoutEnlargement: true })
    .flatten({ background: '#fff' })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const rgb = threeChannels(data, info.channels);
  const found = findPhotographedFruit(rgb, info.width, info.height);
  if (!found) return refuse('no-fruit', 'no fruit stands out in it');
  const { score, outline, cropPlace } = found;
  const cutOut = found.cropTo(measuredSide);
  const capturedAt = exif && capturedAtOf(exif);
  return {
    ok: true,
    crop: found.cropTo(inputSize, standardise),
    score,
    outline,
    cropPlace,
    figures: measureImage({ rgb, cutOut, sidePx: Math.min(width, height), score, outline }),
    look: lookOf(cutOut, measuredSide),
    ...(capturedAt === undefined ? {} : { capturedAt }),
  };
}

/** When the camera says it was taken; a camera that names no time zone is taken to mean UTC. */
function capturedAtOf(exif: Buffer): string | undefined {
  try {
    const { Photo, Image } = readExif(exif);
    const taken = Photo?.DateTimeOriginal ?? Image?.DateTime;
    if (!(taken instanceof Date) || Number.isNaN(taken.getTime())) return undefined;
    const [, sign, hours, minutes] = /^([+-])(\d\d):(\d\d)$/.exec(String(Photo?.OffsetTimeOriginal)) ?? [];
    const offsetMs = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * (sign === '-' ? -60_000 : 60_000);
    return new Date(taken.getTime() - offsetMs).toISOString();
  } catch (error) {
    // The picture was decoded; that a camera wrote its notes badly does not make it worse.
    if (error instanceof Error) return undefined;
    throw error;
  }
}

function threeChannels(data: Buffer, channels: number): Uint8Array {
  if (channels === 3) return data;
  const rgb = new Uint8Array((data.length / channels) * 3);
  for (let i = 0; i < rgb.length / 3; i++)
    for (let c = 0; c < 3; c++) rgb[i * 3 + c] = data[i * channels + Math.min(c, channels - 1)]!;
  return rgb;
}

function refuse(fault: PhotographFault, reason: string): Extract<Inspection, { ok: false }> {
  return { ok: false, fault, reason };
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]!.slice(0, 200);
}
