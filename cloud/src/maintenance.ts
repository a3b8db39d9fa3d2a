/** What a control plane does for itself while it runs, now and then: renew what runs out, delete what is too old. */
import type { Clock } from '@pomona/wire';
import type { BlobFolder } from './adapters/blob-folder.ts';
import type { PomonaDatabase } from './adapters/sql/open-database.ts';
import { pruneOld } from './adapters/sql/prune-old.ts';
import { pruneRecords } from './adapters/sql/sql-retention.ts';
import type { Logger } from './use-cases/ports.ts';

const everyMsDefault = 12 * 60 * 60_000;
/** Not at the start, when the stations send what they have kept. */
const firstPruneMs = 5 * 60_000;
const dayMs = 86_400_000;

export interface MaintenanceOptions {
  readonly db: PomonaDatabase;
  readonly blobs: BlobFolder;
  /** 0 keeps all. */
  readonly keepDays: number;
  readonly everyMs?: number | undefined;
  readonly renew: () => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Returns what ends it, and waits for what is under way. */
export function startMaintenance({
  db,
  blobs,
  keepDays,
  everyMs = everyMsDefault,
  renew,
  clock,
  logger,
}: MaintenanceOptions): () => Promise<void> {
  const stopping = new AbortController();
  const { signal } = stopping;
  const prune = async () => {
    await pruneRecords(db, { nowMs: clock.nowMs(), signal });
    if (keepDays === 0) return;
    const beforeMs = clock.nowMs() - keepDays * dayMs;
    const pruned = await pruneOld(db, { beforeMs, signal, blobs });
    if (Object.values(pruned).some((count) => count > 0))
      logger.info({ ...pruned, keepDays }, 'deleted what is too old');
  };
  let maintained: Promise<unknown> = Promise.resolve();
  const maintain = (...jobs: readonly (() => Promise<void>)[]) => {
    for (const job of jobs)
      maintained = maintained
        .then(() => (signal.aborted ? undefined : job()))
        .catch((error: unknown) =>
          logger.error({ err: error }, 'maintenance failed; it will be tried again'),
        );
  };
  const first = setTimeout(() => maintain(prune), firstPruneMs);
  const timer = setInterval(() => maintain(renew, prune), everyMs);
  return async () => {
    clearTimeout(first);
    clearInterval(timer);
    stopping.abort();
    await maintained;
  };
}
