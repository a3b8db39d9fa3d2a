/** The pieces of work of an update, each from its beginning to the event that ends it. */

import { chunkRange, type Manifest, parseManifest, releaseBytes } from '@pomona/release';
import { type AppError, isAppError, type Random, type ReleaseRef } from '@pomona/wire';
import { chooseVariant, type TestedVariant } from '../domain/choose-variant.ts';
import type { RunnableRelease } from '../domain/line-messages.ts';
import { checkPreflight } from '../domain/preflight.ts';
import { judgeProbation, type ProbationRules } from '../domain/probation.ts';
import type { UpdateEvent, Work } from '../domain/update-events.ts';
import type { Running } from '../domain/update-state.ts';
import { WatchedTime } from '../domain/watched-time.ts';
import { type Scheduler, wait } from './scheduler.ts';
import type { ChunkSink, TransferClient } from './transfer.ts';
import type { FindManifest, Line, ReleaseStore, SelfTest } from './update-ports.ts';

export interface WorkPorts {
  readonly store: ReleaseStore;
  readonly findManifest: FindManifest;
  readonly transfer: Pick<TransferClient, 'fetchChunks'>;
  /** What a release may take beside what runs; without it nobody knows. */
  readonly freeMemoryBytes?: () => Promise<number | undefined>;
  readonly selfTest: SelfTest;
  readonly line: Line;
  readonly probation: ProbationRules;
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly onProgress: (fetchedBytes: number, reusedBytes: number) => void;
}

/** As often as the line counts. */
const proofPollMs = 1_000;
const retryFirstMs = 5_000;
const retryMaxMs = 600_000;

type WorkOf<K extends Work['kind']> = Extract<Work, { kind: K }>;
type Workers = {
  readonly [K in Work['kind']]: (
    work: WorkOf<K>,
    ports: WorkPorts,
    signal: AbortSignal,
  ) => Promise<UpdateEvent>;
};

const workers: Workers = {
  plan: async ({ release, recipe }, { store, findManifest, freeMemoryBytes }, signal) => {
    const free = await freeMemoryBytes?.();
    if (await store.isComplete(release.digest)) {
      const there = await store.manifest(release.digest);
      checkPreflight(there, recipe, free);
      return { kind: 'planned', totalBytes: releaseBytes(there) };
    }
    const bytes = await findManifest(release, signal);
    checkPreflight(parseManifest(bytes), recipe, free);
    const manifest = await store.begin(release.digest, bytes);
    if (manifest.name !== release.name || manifest.version !== release.version) {
      const reason = `its manifest says that it is ${manifest.name} ${manifest.version}`;
      return { kind: 'failed', reason, retryable: false };
    }
    return { kind: 'planned', totalBytes: releaseBytes(manifest) };
  },

  fetch: async ({ release }, ports, signal) => {
    const { store } = ports;
    if (await store.isComplete(release.digest)) return { kind: 'fetched' };
    const count = { thereBytes: 0, reusedBytes: 0 };
    for (const file of (await store.manifest(release.digest)).files)
      await fetchFile(release, file, ports, count, signal);
    return { kind: 'fetched' };
  },

  verify: async ({ release }, { store }) => {
    await store.verify(release.digest);
    return { kind: 'verified' };
  },

  stage: async ({ release }, { store }) => {
    await store.complete(release.digest);
    return { kind: 'staged' };
  },

  'self-test': async ({ release }, { store, selfTest }, signal) => {
    const manifest = await store.manifest(release.digest);
    const { golden, labels, input } = manifest;
    const tested: TestedVariant[] = [];
    let passing: AppError | undefined;
    for (const variant of manifest.variants) {
      const { expected, tolerance } = variant.golden ?? golden;
      const outcome = await selfTest({
        modelFile: store.fileOf(release.digest, variant.file),
        labels,
        inputSize: input.size,
        golden: store.fileOf(release.digest, golden.file),
        expected,
        tolerance,
      }).catch((error: unknown) => {
        // There was no room for this one, and there may be for another.
        if (!isAppError(error) || !error.retryable) throw error;
        passing = error;
        return undefined;
      });
      signal.throwIfAborted();
      if (outcome !== undefined) tested.push({ name: variant.name, ...outcome });
    }
    const choice = chooseVariant(tested);
    if (choice !== undefined) return { kind: 'tested', ...choice };
    if (passing !== undefined) throw passing;
    const wrong = tested.map(({ name, reason }) => `${name}: ${reason}`);
    return {
      kind: 'failed',
      reason: `no variant passed its self-test: ${wrong.join('; ')}`,
      retryable: false,
    };
  },

  run: async ({ release, variant, recipe }, ports) => {
    await runVerified({ release, variant, recipe }, ports);
    const { soakS, fruits } = ports.probation;
    return { kind: 'ran', recipe, soak: { ms: soakS * 1_000, fruits } };
  },

  soak: async (_, { line, scheduler, probation }, signal) => {
    const watched = new WatchedTime(scheduler.monotonicMs());
    for (;;) {
      await wait(scheduler, proofPollMs, signal);
      const figures = line.proof();
      const watchedMs = watched.observe(figures.frames, scheduler.monotonicMs());
      const proof = judgeProbation(probation, figures, watchedMs);
      if (proof.kind !== 'open') return proof;
    }
  },

  'go-back': async ({ to }, ports) => {
    await runVerified(to, ports);
    return { kind: 'went-back' };
  },

  wait: async ({ tries }, { scheduler, random }, signal) => {
    const longestMs = Math.min(retryFirstMs * 2 ** Math.min(tries, 16), retryMaxMs);
    await wait(scheduler, longestMs * (0.5 + random.next() / 2), signal);
    return { kind: 'retry' };
  },
};

export function doWork(work: Work, ports: WorkPorts, signal: AbortSignal): Promise<UpdateEvent> {
  // The table has a worker for every kind; the compiler cannot follow a kind into its own row.
  const worker = workers[work.kind] as (
    work: Work,
    ports: WorkPorts,
    signal: AbortSignal,
  ) => Promise<UpdateEvent>;
  return worker(work, ports, signal);
}

/** Throws `release-damaged` (retryable) or what the line throws. */
export async function runVerified(
  { release, variant, recipe }: Pick<Running, 'release' | 'variant' | 'recipe'>,
  { store, line }: Pick<WorkPorts, 'store' | 'line'>,
): Promise<void> {
  await store.verify(release.digest);
  await line.run(runnableOf(release, variant, await store.manifest(release.digest), store), recipe);
}

export function runnableOf(
  release: ReleaseRef,
  variant: string,
  manifest: Manifest,
  store: Pick<ReleaseStore, 'fileOf'>,
): RunnableRelease {
  const found = manifest.variants.find(({ name }) => name === variant);
  if (found === undefined) throw new Error(`release ${release.digest} has no variant ${variant}`);
  return {
    ref: release,
    modelFile: store.fileOf(release.digest, found.file),
    variant,
    labels: manifest.labels,
    inputSize: manifest.input.size,
    ...(manifest.input.standardise === undefined ? {} : { standardise: manifest.input.standardise }),
  };
}

/** `count` is of the whole release; it goes up by the file. */
async function fetchFile(
  release: ReleaseRef,
  file: Manifest['files'][number],
  { store, transfer, onProgress }: WorkPorts,
  count: { thereBytes: number; reusedBytes: number },
  signal: AbortSignal,
): Promise<void> {
  const open = await store.openFile(release.digest, file);
  const sink = (isReuse: boolean): ChunkSink => ({
    missing: () => open.missing(),
    write: async (index, data) => {
      await open.write(index, data);
      count.thereBytes += data.byteLength;
      if (isReuse) count.reusedBytes += data.byteLength;
      onProgress(count.thereBytes, count.reusedBytes);
    },
  });
  try {
    const missingBytes = open.missing().reduce((sum, index) => {
      const { start, end } = chunkRange(file, index);
      return sum + end - start;
    }, 0);
    count.thereBytes += file.bytes - missingBytes;
    onProgress(count.thereBytes, count.reusedBytes);
    await store.reuse(release.digest, file, sink(true), signal);
    await transfer.fetchChunks(file, sink(false), signal);
  } finally {
    await open.close();
  }
}
