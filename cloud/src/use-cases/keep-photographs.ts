import type { Labelled } from '@pomona/wire';
import type { Photographs } from './dataset-ports.ts';
import type { FoundPhotograph, PhotographImport, PhotographStore } from './photograph-ports.ts';
import type { Refused, UsablePhotograph, Verified } from './verify-photographs.ts';

export interface CropBlobs {
  /** Returns the SHA-256 of what is kept. */
  put(bytes: Uint8Array): Promise<string>;
}

/** Photographs whose crops are kept as they are cut out, so that people can look at and label them. */
export interface CroppingPhotographs extends Photographs {
  /** Blob of the crop of a path that was inspected; undefined where no fruit was found. */
  pixelsOf(path: string): string | undefined;
}

export function keepingCrops(photographs: Photographs, blobs: CropBlobs): CroppingPhotographs {
  const pixels = new Map<string, string>();
  return {
    list: (folder, way) => photographs.list(folder, way),
    digest: (folder, path) => photographs.digest(folder, path),
    keep: (folder, path, digest) => photographs.keep(folder, path, digest),
    async *inspect(folder, paths, wanted, signal) {
      let at = 0;
      for await (const inspection of photographs.inspect(folder, paths, wanted, signal)) {
        if (inspection.ok) pixels.set(paths[at]!, await blobs.put(inspection.crop));
        at++;
        yield inspection;
      }
    },
    pixelsOf: (path) => pixels.get(path),
  };
}

/**
 * Keeps what an import found, to be labelled. `saidOf`: what the folder or the `index.csv` said of a path. Of copies only the one that counts is kept.
 */
export async function keepPhotographs(
  store: PhotographStore,
  { usable, quarantined }: Pick<Verified, 'usable' | 'quarantined'>,
  {
    pixelsOf,
    saidOf,
    ...into
  }: PhotographImport & {
    pixelsOf(path: string): string | undefined;
    saidOf(path: string): { readonly grade: string; readonly labelled: Labelled } | undefined;
  },
): Promise<{ added: number; known: number }> {
  const byOriginal = new Map<string, FoundPhotograph>();
  for (const photograph of [...usable, ...quarantined]) {
    const { path, original, group, about, figures } = photograph;
    if (original === undefined || group === undefined || byOriginal.has(original)) continue;
    const [said, pixels] = [saidOf(path), pixelsOf(path)];
    const refused = refusalOf(photograph);
    byOriginal.set(original, {
      ...{ path, original, group },
      ...(about === undefined ? {} : { about }),
      ...(figures === undefined ? {} : { figures }),
      ...(said === undefined ? {} : { said }),
      ...(pixels === undefined ? {} : { pixels }),
      ...(refused === undefined ? {} : { refused }),
    });
  }
  return store.keep([...byOriginal.values()], into);
}

function refusalOf(photograph: UsablePhotograph | Refused): string | undefined {
  return 'reason' in photograph ? photograph.reason : undefined;
}
