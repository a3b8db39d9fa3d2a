/** One life of an agent's updates over the real journal, release folder and files, with a control plane that answers. */
import { readFile } from 'node:fs/promises';
import { seededRandom } from '@pomona/wire';
import { openReleaseFolder } from '../adapters/release-folder.ts';
import { systemScheduler } from '../adapters/system-scheduler.ts';
import { openUpdateJournal } from '../adapters/update-journal.ts';
import type { UpdateState } from '../domain/update-state.ts';
import { UpdateRunner } from '../use-cases/run-updates.ts';
import type { Scheduler } from '../use-cases/scheduler.ts';
import { TransferClient } from '../use-cases/transfer.ts';
import { ChunkServer } from './chunk-server.ts';
import { sampleBoot } from './sample-records.ts';
import { randomBytes, releaseOf, sampleDesired } from './sample-release.ts';

const firstModel = randomBytes(1, 4_000);
/** The two releases there are, by version. The model of the second holds most of the first's, a few bytes further on. */
export const lifeReleases = new Map([
  [1, releaseOf(1, firstModel)],
  [2, releaseOf(2, Buffer.concat([randomBytes(2, 1_031), firstModel.subarray(7), randomBytes(3, 3_000)]))],
]);

export interface UpdateLife {
  readonly dataDir: string;
  /** Version of the release that is desired, which is its counter too. */
  readonly desired: number;
  /** Version of a release that takes the worker down. */
  readonly crashes?: number;
  /** Waits pass so many times faster than they would; default 20. */
  readonly haste?: number;
}

interface LifeHooks {
  readonly beforeSave?: (state: UpdateState) => void;
  readonly afterSave?: (state: UpdateState) => void;
  /** The line runs this version, and nobody but the line knows yet. */
  readonly afterRun?: (version: number) => void;
  /** Whether the power has gone: nothing comes of this life any more. */
  readonly isDead?: () => boolean;
}

/** Resolves when the update has come to rest. `runs`: what the line was told to run. Throws at any trouble. */
export async function liveUpdates(
  { dataDir, desired, crashes, haste = 20 }: UpdateLife,
  { beforeSave, afterSave, afterRun, isDead = () => false }: LifeHooks = {},
): Promise<{ readonly runs: readonly number[]; readonly state: UpdateState }> {
  const scheduler: Scheduler = {
    nowMs: () => systemScheduler.nowMs(),
    monotonicMs: () => systemScheduler.monotonicMs() * haste,
    after: (delayMs, run) => systemScheduler.after(delayMs / haste, run),
  };
  const troubles: string[] = [];
  const journal = openUpdateJournal({
    dataDir,
    desiredKeyPem: 'key',
    boot: sampleBoot,
    onMovedAside: (to) => troubles.push(`the journal was damaged: ${to}`),
  });
  const server = new ChunkServer();
  for (const { blobs } of lifeReleases.values())
    for (const [digest, bytes] of blobs) server.files.set(`blobs/${digest}`, bytes);
  const transfer = new TransferClient({
    link: server,
    scheduler,
    random: seededRandom(1),
    boot: sampleBoot,
    nextSeq: () => 0,
    onRejected: (_, cause) => troubles.push(`a chunk was rejected: ${cause}`),
  });
  server.deliver = (chunk) => transfer.accept(chunk);
  const runs: number[] = [];
  let frames = 0;
  const runner = new UpdateRunner({
    journal: {
      load: () => journal.load(),
      async save(state) {
        beforeSave?.(state);
        await journal.save(state);
        afterSave?.(state);
      },
    },
    store: openReleaseFolder(dataDir),
    transfer,
    findManifest: async ({ version }) => lifeReleases.get(version)!.manifest,
    selfTest: async () => ({ ok: true, msPerView: 1, reason: '' }),
    line: {
      async run({ ref, modelFile }) {
        const [right] = [...lifeReleases.get(ref.version)!.blobs.values()];
        if (!(await readFile(modelFile)).equals(right!)) throw new Error('the model is not whole');
        runs.push(ref.version);
        afterRun?.(ref.version);
      },
      setRecipe: async () => undefined,
      proof: () => ({
        crashes: runs.at(-1) === crashes ? 1 : 0,
        hangs: 0,
        frames: ++frames,
        fruits: 0,
        missedDeadlines: 0,
        unseen: 0,
        unusableViews: 0,
      }),
    },
    probation: { soakS: 2, fruits: 50, missedShareMax: 0.1, unseenShareMax: 0.5 },
    scheduler,
    random: seededRandom(2),
    onChange: () => undefined,
    onTrouble: (code, message) => troubles.push(`${code}: ${message}`),
  });
  await runner.load();
  await runner.start();
  // The broker keeps it and tells it anew at every connection.
  await runner.desired(sampleDesired(desired, lifeReleases.get(desired)!.ref));
  while (!['active', 'failed', 'rolled-back'].includes(runner.state.update.state)) {
    if (troubles.length > 0 || isDead()) break;
    await new Promise((resolve) => setTimeout(resolve, 100 / haste));
  }
  if (!isDead()) await runner.stop();
  if (troubles.length > 0) throw new Error(troubles.join('; '));
  return { runs, state: runner.state };
}
