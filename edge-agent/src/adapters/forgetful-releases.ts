/**
 * Releases and journal of a simulated station. Every chunk is fetched and checked as on a board, and then let go: nobody
 * runs the model, and hundreds of stations in one process have no room for hundreds of copies.
 */
import { type Manifest, parseManifest } from '@pomona/release';
import { AppError } from '@pomona/wire';
import { emptyUpdateState, type UpdateState } from '../domain/update-state.ts';
import type { ReleaseStore, UpdateJournal } from '../use-cases/update-ports.ts';

interface Known {
  readonly manifest: Manifest;
  /** Chunks that did not come yet, by file. */
  readonly missing: ReadonlyMap<string, Set<number>>;
  complete: boolean;
}

export function forgetfulReleases(): ReleaseStore {
  const releases = new Map<string, Known>();
  const find = (digest: string): Known => {
    const known = releases.get(digest);
    if (known !== undefined) return known;
    throw damaged(digest, 'it was never begun');
  };
  return {
    isComplete: async (digest) => releases.get(digest)?.complete === true,
    async begin(digest, bytes) {
      const manifest = parseManifest(bytes);
      const missing = new Map(manifest.files.map(({ name, chunks }) => [name, new Set(chunks.keys())]));
      releases.set(digest, { manifest, missing, complete: false });
      return manifest;
    },
    manifest: async (digest) => find(digest).manifest,
    async openFile(digest, { name }) {
      const missing = find(digest).missing.get(name)!;
      return {
        missing: () => [...missing],
        write: async (index) => void missing.delete(index),
        close: async () => undefined,
      };
    },
    // Nothing is kept that could be copied.
    reuse: async () => undefined,
    async verify(digest) {
      for (const [name, missing] of find(digest).missing)
        if (missing.size > 0) throw damaged(digest, `${missing.size} chunks of ${name} did not come`);
    },
    async complete(digest) {
      find(digest).complete = true;
    },
    fileOf: (digest, name) => `${digest}/${name}`,
    async keepOnly(digests) {
      for (const digest of releases.keys()) if (!digests.includes(digest)) releases.delete(digest);
    },
  };
}

export function forgetfulJournal(): UpdateJournal {
  let kept: UpdateState = emptyUpdateState;
  return {
    load: async () => kept,
    async save(state) {
      kept = state;
    },
  };
}

function damaged(digest: string, what: string): AppError {
  return new AppError('release-damaged', `release ${digest.slice(0, 12)} is not whole: ${what}`, {
    hint: 'It will be fetched again.',
    retryable: true,
  });
}
