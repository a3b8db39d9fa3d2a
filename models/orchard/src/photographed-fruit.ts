/** Photographs of real fruit, to be shown as if it rolled down the line. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { standardisePhotograph } from '@pomona/grading';
import { AppError, systemErrorCode } from '@pomona/wire';
import { parse } from 'csv-parse/sync';
import sharp from 'sharp';
import { type TrueGrade, trueGrades } from './truth.ts';
import { rolledForward } from './turn-direction.ts';

/** One physical fruit as it turns. */
export interface PhotographedFruit {
  readonly name: string;
  readonly grade: TrueGrade;
  /** Each is one whole turn about an axis of its own, in the order of rotation. */
  readonly turns: readonly (readonly CutOut[])[];
}

export interface CutOut {
  /** uint8 [cutOutPx, cutOutPx, 3]: the standard crop, what is not fruit is 0. */
  readonly crop: Uint8Array;
  /** Of the crop, as a multiple of the fruit's diameter. */
  readonly side: number;
}

/** Side of a cut-out in pixels: no fruit of the default line is larger. */
export const cutOutPx = 112;
const imageName = /\.(jpe?g|png|webp)$/i;

interface ListedFruit {
  readonly name: string;
  readonly grade: TrueGrade;
  readonly turns: readonly (readonly string[])[];
  /** Frames of a film, so that what looks larger is. */
  readonly sameScale: boolean;
}

/**
 * Reads a folder: an `index.csv` with `path`, `fruit`, `condition` (`sound`, or else bad) and maybe `axis` and `frame`, in the order of
 * rotation, whichever way; or a sub-folder per fruit, called by its grade where that is known; or plain photographs, one per fruit. What is no
 * photograph of a fruit is left out and named to `onLeftOut`. Errors: `replay-folder-missing`, `replay-empty`.
 */
export async function readPhotographedFruit(
  folder: string,
  onLeftOut: (path: string, reason: string) => void,
): Promise<PhotographedFruit[]> {
  const fruits: PhotographedFruit[] = [];
  for (const { name, grade, turns, sameScale } of await listFruit(folder)) {
    const found: Found[][] = [];
    for (const paths of turns) {
      const frames: Found[] = [];
      for (const path of paths) {
        const frame = await cutOut(join(folder, path));
        if (typeof frame === 'string') onLeftOut(path, frame);
        else frames.push(frame);
      }
      if (frames.length > 0) found.push(frames);
    }
    if (found.length > 0) fruits.push({ name, grade, turns: asShown(found, sameScale) });
  }
  if (fruits.length > 0) return fruits;
  throw new AppError('replay-empty', `${folder} has no photograph of a fruit`, {
    hint: 'Give a folder with a sub-folder of photographs per fruit, or with an index.csv (path, fruit, condition).',
  });
}

/** A fruit as large as it was cut out: `side` in pixels of the photograph, and so is the diameter. */
interface Found extends CutOut {
  readonly diameter: number;
}

function asShown(turns: readonly (readonly Found[])[], sameScale: boolean): PhotographedFruit['turns'] {
  const all = turns.flat();
  const meanDiameter = all.reduce((sum, { diameter }) => sum + diameter, 0) / all.length;
  return turns.map((frames) =>
    rolledForward(
      frames.map(({ crop, side, diameter }) => ({
        crop,
        side: side / (sameScale ? meanDiameter : diameter),
      })),
    ),
  );
}

async function listFruit(folder: string): Promise<ListedFruit[]> {
  try {
    const index = await readIndex(folder);
    if (index !== undefined) return index;
    const entries = await readdir(folder, { withFileTypes: true });
    const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    if (folders.length === 0) {
      const files = entries.map(({ name }) => name).filter((name) => imageName.test(name));
      return files.sort().map((name) => ({ name, grade: 'good', turns: [[name]], sameScale: false }));
    }
    return await Promise.all(
      folders.sort().map(async (name) => ({
        name,
        grade: trueGrades.find((grade) => grade === name) ?? 'good',
        turns: [
          (await readdir(join(folder, name)))
            .filter((file) => imageName.test(file))
            .sort(inNaturalOrder)
            .map((file) => join(name, file)),
        ],
        sameScale: false,
      })),
    );
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT' && systemErrorCode(error) !== 'ENOTDIR') throw error;
    throw new AppError('replay-folder-missing', `there is no folder ${folder}`, {
      hint: 'Name the folder of photographs that the camera should show.',
      cause: error,
    });
  }
}

async function readIndex(folder: string): Promise<ListedFruit[] | undefined> {
  await stat(join(folder, '.'));
  let text: string;
  try {
    text = await readFile(join(folder, 'index.csv'), 'utf8');
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  const rows: Record<string, string>[] = parse(text, { columns: true, skip_empty_lines: true, trim: true });
  if (rows.some((row) => !row.path || !row.fruit)) return undefined;
  const names = [...new Set(rows.map((row) => row.fruit!))];
  return names.map((name) => {
    const own = rows.filter((row) => row.fruit === name);
    const condition = own[0]!.condition ?? 'sound';
    const axes = [...new Set(own.map(({ axis }) => axis))];
    const turns = axes.map((axis) => own.filter((row) => row.axis === axis).map((row) => row.path!));
    return {
      name,
      grade: condition === 'sound' ? 'good' : 'bad',
      turns,
      sameScale: own[0]!.frame !== undefined,
    };
  });
}

function inNaturalOrder(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

/** The standard crop of a photograph's fruit, or why there is none. */
async function cutOut(path: string): Promise<Found | string> {
  try {
    const { data, info } = await sharp(path).removeAlpha().toColourspace('srgb').raw().toBuffer({
      resolveWithObject: true,
    });
    const found = standardisePhotograph(data, info.width, info.height, cutOutPx);
    if (found === undefined) return 'no fruit was found in it';
    const { crop, cropPlace } = found;
    const side = cropPlace.width * info.width;
    return { crop, side, diameter: (side * diameterPx(crop)) / cutOutPx };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Of a disc as large as what is fruit. */
function diameterPx(crop: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < crop.length; i += 3) if (crop[i]! + crop[i + 1]! + crop[i + 2]! > 0) count++;
  return Math.sqrt((4 * count) / Math.PI);
}
