/** A life of an agent's updates that ends by SIGKILL at a named point. Run as `node update-child.js JSON-OF-DoomedLife`. */
import fs, { type FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { sep } from 'node:path';
import type { Update } from '../domain/update-state.ts';
import { liveUpdates, type UpdateLife } from './update-life.ts';

/** `<update>` is a state's name, with `+soak` or `+verdict` for the later parts of a probation. */
export type KillPoint =
  | `before journal of ${string}`
  | `before rename to journal of ${string}`
  | `after rename to journal of ${string}`
  | `after journal of ${string}`
  | 'in the middle of a chunk'
  | 'after rename of the release'
  | `after the line runs ${number}`
  | 'before the release is removed';

export interface DoomedLife extends UpdateLife {
  readonly dieAt: KillPoint;
}

const life = JSON.parse(process.argv[2] ?? '') as DoomedLife;
let journalOf = '';

watchFiles();
await liveUpdates(life, {
  beforeSave({ update }) {
    journalOf = nameOf(update);
    reach(`before journal of ${journalOf}`);
  },
  afterSave: () => reach(`after journal of ${journalOf}`),
  afterRun: (version) => reach(`after the line runs ${version}`),
});

function reach(point: KillPoint): void {
  if (life.dieAt !== point) return;
  process.kill(process.pid, 'SIGKILL');
  // Nothing more happens until the signal is there.
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
}

function nameOf(update: Update): string {
  if (update.state !== 'probation') return update.state;
  if (update.verdict !== undefined) return 'probation+verdict';
  return update.soak === undefined ? 'probation' : 'probation+soak';
}

/** Stands between the program and the system's calls on files. */
function watchFiles(): void {
  const { open, rename, rm } = fs;
  fs.open = async (...args) => {
    const handle = await open(...args);
    if (args[1] === 'r+') tearWrites(handle);
    return handle;
  };
  fs.rename = async (from, to) => {
    const isJournal = String(to).endsWith('update.json');
    if (isJournal) reach(`before rename to journal of ${journalOf}`);
    await rename(from, to);
    if (isJournal) reach(`after rename to journal of ${journalOf}`);
    if (String(from).endsWith('.partial')) reach('after rename of the release');
  };
  fs.rm = async (path, options) => {
    const isRelease = String(path).split(sep).at(-2) === 'releases';
    if (isRelease) reach('before the release is removed');
    await rm(path, options);
  };
  syncBuiltinESMExports();
}

/** Of the chunk that it dies in, half is on the disk; others are before it. */
function tearWrites(handle: FileHandle): void {
  const write = handle.write.bind(handle) as (...args: unknown[]) => Promise<{ bytesWritten: number }>;
  const torn = async (data: Uint8Array, offset: number, length: number, position: number) => {
    if (life.dieAt === 'in the middle of a chunk' && position > 0) {
      await write(data, offset, Math.floor(length / 2), position);
      reach('in the middle of a chunk');
    }
    return write(data, offset, length, position);
  };
  handle.write = torn as unknown as typeof handle.write;
}
