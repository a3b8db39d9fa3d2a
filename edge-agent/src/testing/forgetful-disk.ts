/**
 * A disk that loses its power at the n-th call. It stands between a program and `node:fs/promises`: each call that looks
 * at files or changes them counts, and from the n-th on none comes back. What was not synced when it went can be
 * lost: contents until their file was synced, names (made, moved, removed) until their folder was. Each life has its
 * own disk, found by the context that its calls are made in, so that a life that was left behind touches nothing.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import {
  closeSync,
  cpSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import fs, { type FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { dirname } from 'node:path';

/** `kill`: the process ends, nothing is lost. `lost`: all that was not synced is. `torn`: names stay, contents are lost but for half of the last write. */
export type Cut = 'kill' | 'lost' | 'torn';

interface Undo {
  readonly kind: 'content' | 'name';
  /** The file of a content, the folder of a name. */
  readonly path: string;
  /** Takes it back; `half`: only the second half of what was written. */
  readonly take: (half: boolean) => void;
  readonly forget?: () => void;
}

const lives = new AsyncLocalStorage<ForgetfulDisk>();
const never = new Promise<never>(() => undefined);

export class ForgetfulDisk {
  calls = 0;
  dead = false;
  /** Writes of chunks that came back. */
  chunkWrites = 0;
  readonly #dieAt: number;
  #onDeath: () => void = () => undefined;
  readonly death = new Promise<void>((resolve) => {
    this.#onDeath = resolve;
  });
  #undos: Undo[] = [];
  /** How to close what is open. */
  readonly #closes = new Map<FileHandle, () => Promise<void>>();

  constructor(dieAt = Number.POSITIVE_INFINITY) {
    this.#dieAt = dieAt;
  }

  run<T>(life: () => Promise<T>): Promise<T> {
    return lives.run(this, life);
  }

  get hasUnsyncedContent(): boolean {
    return this.#undos.some(({ kind }) => kind === 'content');
  }

  /** What the power cut did, after the life on this disk has died. */
  async lose(cut: Cut): Promise<void> {
    const lost = cut === 'kill' ? [] : this.#undos.filter(({ kind }) => cut === 'lost' || kind === 'content');
    for (const [i, undo] of lost.reverse().entries()) undo.take(cut === 'torn' && i === 0);
    for (const undo of this.#undos) undo.forget?.();
    this.#undos = [];
    await Promise.all([...this.#closes.values()].map((close) => close()));
  }

  opened(handle: FileHandle, close: () => Promise<void>): void {
    this.#closes.set(handle, close);
  }

  closed(handle: FileHandle): void {
    this.#closes.delete(handle);
  }

  call<T>(work: () => Promise<T>): Promise<T> {
    if (!this.dead && ++this.calls >= this.#dieAt) {
      this.dead = true;
      this.#onDeath();
    }
    return this.dead ? never : work();
  }

  remember(undo: Undo): void {
    this.#undos.push(undo);
  }

  synced(path: string): void {
    const isDurable = (undo: Undo): boolean => undo.path === path;
    for (const undo of this.#undos.filter(isDurable)) undo.forget?.();
    this.#undos = this.#undos.filter((undo) => !isDurable(undo));
  }
}

/** From here on the calls of lives that run on a `ForgetfulDisk` go through it. For a process of its own. */
export function standBetween(stash: string): void {
  const { open, rename, rm, mkdir, readFile, readdir, statfs } = fs;
  let stashed = 0;
  const on = <A extends unknown[], R>(
    original: (...args: A) => Promise<R>,
    before: (disk: ForgetfulDisk, ...args: A) => void = () => undefined,
    after?: (disk: ForgetfulDisk, result: R, ...args: A) => R,
  ) =>
    (async (...args: A) => {
      const disk = lives.getStore();
      if (disk === undefined) return original(...args);
      return disk.call(async () => {
        before(disk, ...args);
        const result = await original(...args);
        return after ? after(disk, result, ...args) : result;
      });
    }) as never;
  /** A copy of what stands at `path`, and how to put it back. */
  const keep = (disk: ForgetfulDisk, path: string): void => {
    const folder = dirname(path);
    if (!existsSync(path)) {
      disk.remember({
        kind: 'name',
        path: folder,
        take: () => rmSync(path, { recursive: true, force: true }),
      });
      return;
    }
    const copy = `${stash}/${stashed++}`;
    cpSync(path, copy, { recursive: true });
    const take = (): void => {
      rmSync(path, { recursive: true, force: true });
      cpSync(copy, path, { recursive: true });
    };
    disk.remember({
      kind: 'name',
      path: folder,
      take,
      forget: () => rmSync(copy, { recursive: true, force: true }),
    });
  };

  fs.readFile = on(readFile);
  fs.readdir = on(readdir as never);
  fs.statfs = on(statfs as never);
  fs.mkdir = on(mkdir as never, (disk, path) => void (existsSync(String(path)) || keep(disk, String(path))));
  fs.rm = on(rm, (disk, path) => void (existsSync(String(path)) && keep(disk, String(path))));
  fs.rename = on(rename, (disk, from, to) => {
    if (existsSync(String(to))) keep(disk, String(to));
    const take = (): void => renameSync(String(to), String(from));
    disk.remember({ kind: 'name', path: dirname(String(to)), take });
  });
  fs.open = on(
    open,
    (disk, path, flags) => void (flags !== 'r' && !existsSync(String(path)) && keep(disk, String(path))),
    (disk, handle, path) => watch(disk, handle, String(path)),
  );
  syncBuiltinESMExports();
}

function watch(disk: ForgetfulDisk, handle: FileHandle, path: string): FileHandle {
  const { read, write, writeFile, truncate, stat, close } = handle;
  const counted = <A extends unknown[], R>(original: (...args: A) => Promise<R>, changes = false) =>
    ((...args: A) =>
      disk.call(async () => {
        if (changes) rememberContent(disk, path);
        return original.apply(handle, args);
      })) as never;
  handle.read = counted(read as never);
  handle.stat = counted(stat as never);
  handle.truncate = counted(truncate, true);
  handle.writeFile = counted(writeFile as never, true);
  const writing = counted(write as never, true) as typeof handle.write;
  handle.write = (async (...args: Parameters<typeof handle.write>) => {
    const result = await writing(...args);
    disk.chunkWrites++;
    return result;
  }) as never;
  disk.opened(handle, () => close.call(handle));
  handle.close = () =>
    disk.call(() => {
      disk.closed(handle);
      return close.call(handle);
    });
  // A real one would only cost time: what counts is what is told to `disk`.
  handle.sync = () => disk.call(async () => disk.synced(path));
  return handle;
}

/** By a descriptor of its own, which follows the file when it is renamed. */
function rememberContent(disk: ForgetfulDisk, path: string): void {
  if (!statSync(path).isFile()) return;
  const before = readFileSync(path);
  const descriptor = openSync(path, 'r+');
  disk.remember({
    kind: 'content',
    path,
    take: (half) => {
      const { size } = fstatSync(descriptor);
      const kept = half ? Math.floor(size / 2) : 0;
      ftruncateSync(descriptor, Math.max(before.byteLength, kept));
      if (before.byteLength > kept) writeSync(descriptor, before, kept, before.byteLength - kept, kept);
    },
    forget: () => closeSync(descriptor),
  });
}
