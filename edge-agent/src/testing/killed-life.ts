/**
 * A life of an agent's updates that kills its own process at the n-th call to the file system. Run as
 * `node killed-life.js JSON-OF-KilledLife`; prints a JSON of `LifeReport`, the last thing that it does.
 */
import { mkdirSync, mkdtempSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ForgetfulDisk, standBetween } from './forgetful-disk.ts';
import { liveUpdates, type UpdateLife } from './update-life.ts';

export interface KilledLife extends UpdateLife {
  /** Null for one that is not killed. */
  readonly dieAt: number | null;
  /** A folder for what nobody needs afterwards. */
  readonly stash: string;
}

export interface LifeReport {
  readonly calls: number;
  /** Writes of chunks that came back. */
  readonly chunkWrites: number;
  /** Versions that the line was told to run; of a life that came to rest. */
  readonly runs?: readonly number[];
  /** Digest of the release that runs in the end. */
  readonly running?: string | undefined;
}

const { dieAt, stash, ...life } = JSON.parse(process.argv[2] ?? '') as KilledLife;
// It only counts here: what the disk would lose is nothing, since the system keeps what it was given.
mkdirSync(stash, { recursive: true });
// The life before this one left things under the same numbers.
standBetween(mkdtempSync(join(stash, 'life-')));
const disk = new ForgetfulDisk(dieAt ?? Number.POSITIVE_INFINITY);
void disk.death.then(() => {
  report({ calls: disk.calls, chunkWrites: disk.chunkWrites });
  process.kill(process.pid, 'SIGKILL');
});
const { runs, state } = await disk.run(() => liveUpdates(life));
const { calls, chunkWrites } = disk;
report({ calls, chunkWrites, runs, running: state.running?.release.digest });
process.exit();

function report(said: LifeReport): void {
  writeSync(1, JSON.stringify(said));
}
