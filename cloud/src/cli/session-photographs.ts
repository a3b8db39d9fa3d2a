import type { Standardise } from '@pomona/wire';
import { BlobFolder } from '../adapters/blob-folder.ts';
import { PhotographFolder } from '../adapters/dataset/photograph-folder.ts';
import { breachOf, defaultImageLimits } from '../domain/image-limits.ts';
import type { Look } from '../domain/near-duplicates.ts';
import { type Described, outlineFeatures, plainFeatures } from '../domain/plain-features.ts';
import { portraitSize } from './draw-portraits.ts';

export interface SessionPhotograph extends Described {
  readonly path: string;
  /** uint8 [96, 96, 3], as the portraits' network sees it. */
  readonly crop: Uint8Array;
  /** Of the silhouette alone, for which a grade must not show. */
  readonly outline: Float64Array;
  readonly look: Look;
}

export interface ReadSessions {
  readonly images: string;
  /** What is done to the colours of the crops. */
  readonly standardise?: Standardise | undefined;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/** Good and bad fruit of a folder with an index, cut out; what an import would quarantine is left out. */
export async function readSessions(request: ReadSessions, folder: string): Promise<SessionPhotograph[]> {
  const { images, signal, say, standardise } = request;
  const wanted = { inputSize: portraitSize, standardise };
  const source = new PhotographFolder(new BlobFolder(folder));
  const { photographs } = await source.list(images);
  const listed = photographs.filter(({ grade }) => grade === 'good' || grade === 'bad');
  const paths = listed.map(({ path }) => path);
  const found: SessionPhotograph[] = [];
  let at = 0;
  for await (const inspection of source.inspect(images, paths, wanted, signal)) {
    const { path, grade, group } = listed[at++]!;
    if (at % 200 === 0) say(`  cut out ${at} of ${listed.length}`);
    if (!inspection.ok || breachOf(inspection.figures, defaultImageLimits) !== undefined) continue;
    const { crop, look } = inspection;
    found.push({
      ...{ path, crop, group, isBad: grade === 'bad', look },
      features: plainFeatures(crop, portraitSize),
      outline: outlineFeatures(crop, portraitSize),
    });
  }
  say(`${found.length} of ${listed.length} photographs of good and bad fruit, the fruit cut out`);
  return found;
}

/** The same photographs as another network sees them: cut out anew at its size, with the colours that the camera gave them. */
export async function cropsAtSize(
  { images, signal }: ReadSessions,
  folder: string,
  photographs: readonly SessionPhotograph[],
  size: number,
): Promise<Uint8Array[]> {
  const source = new PhotographFolder(new BlobFolder(folder));
  const paths = photographs.map(({ path }) => path);
  const crops: Uint8Array[] = [];
  for await (const inspection of source.inspect(images, paths, { inputSize: size }, signal)) {
    // It was found once, and only the size differs.
    if (!inspection.ok) throw new Error(`${paths[crops.length]} has no fruit at ${size} pixels`);
    crops.push(inspection.crop);
  }
  return crops;
}
