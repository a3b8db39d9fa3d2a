import { join } from 'node:path';
import { openTrustRepository } from '@pomona/release';
import { type ModelView, type ReleaseRef, systemClock } from '@pomona/wire';
import { BlobFolder } from '../adapters/blob-folder.ts';
import type { TestControlPlane } from './test-control-plane.ts';

/** Files of a release that something else made. */
export interface MadeRelease {
  readonly ref: ReleaseRef;
  readonly manifest: Uint8Array;
  readonly blobs: ReadonlyMap<string, Uint8Array>;
}

/** Signs a release with the keys of a running control plane, and registers it as one that passed its gates. */
export async function publishRelease(
  { plane, folder }: TestControlPlane,
  { ref, manifest, blobs }: MadeRelease,
): Promise<void> {
  const trust = await openTrustRepository({
    ...{ folder: join(folder, 'trust'), keysFolder: join(folder, 'keys'), clock: systemClock },
  });
  const store = new BlobFolder(folder);
  for (const bytes of [...blobs.values(), manifest]) await store.put(bytes);
  await trust.publishManifest(ref, manifest);
  const gate = { name: 'macro-f1', figure: 0.9, limit: 0.9, comparison: '>=', verdict: 'passed', detail: '' };
  const {
    v: _,
    files: __,
    golden: ___,
    variants: ____,
    ...known
  } = JSON.parse(Buffer.from(manifest).toString());
  await plane.stores.models.save({ ...known, ...ref, releaseBytes: 1, gates: [gate] } as ModelView);
}
