/**
 * Fetches files of the control plane by asking for their chunks on `transfer/request`; they come on `transfer/chunk`, at
 * most once. Requests are bounded by a window, repeated when nothing comes, and start again where they were when the
 * link comes back. While the link is down a fetch waits: that is no failure, and the caller's signal ends it. With a cap
 * no more bytes a second are asked for, by all fetches together. A refusal, because the other side is busy or for it is
 * quiet hours, is no failure either: the fetch asks again, later with each one.
 */

import { type ChunkMap, checkChunk } from '@pomona/release';
import { AppError, ByteRate, type Chunk, encode, type Random } from '@pomona/wire';
import { type ChunkLimits, ChunkWindow, chunkLimits, chunksAtOnce } from '../domain/chunk-window.ts';
import type { Link } from './link.ts';
import type { Scheduler } from './scheduler.ts';
import { changed, damaged, missing, oversized, silent } from './transfer-errors.ts';

/** For a file whose chunk list is not known. */
const plainChunkBytes = 65_536;
/** With a link and without a single chunk for so long, the other side is not there. */
const silenceMs = 120_000;
const refusedPauseMs = { first: 1_000, most: 60_000 };

export interface TransferPorts {
  readonly link: Link;
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly kbitPerSMax?: number | undefined;
  /** The boot and the next sequence number of a message. */
  readonly boot: string;
  readonly nextSeq: () => number;
  readonly onRejected: (channel: string, cause: string, detail: string) => void;
}

/** Where the chunks of a file with a known list go. */
export interface ChunkSink {
  /** Indices that are not there yet. */
  missing(): readonly number[];
  write(index: number, data: Uint8Array): Promise<void>;
}

/** One fetch; `take` throws `chunk-refused` for a chunk that is not the one that was asked for. */
interface Task {
  readonly path: string;
  readonly chunkBytes: number;
  readonly window: () => ChunkWindow;
  readonly take: (chunk: Chunk) => void | Promise<void>;
  readonly onMissing: (chunk: Chunk) => Error | undefined;
  readonly fail: (error: Error) => void;
  readonly finish: () => void;
  /** Chunks that are being checked and written; the same ones may come again meanwhile. */
  readonly busy: Set<number>;
  lastChunkMs: number;
  /** Since the last chunk. */
  refusals: number;
  pausedUntilMs: number;
  cancelTimer: () => void;
}

export class TransferClient {
  readonly #ports: TransferPorts;
  readonly #limits: ChunkLimits;
  readonly #tasks = new Map<number, Task>();
  readonly #rate: ByteRate | undefined;

  constructor(ports: TransferPorts, limits: ChunkLimits = chunkLimits) {
    this.#ports = ports;
    this.#limits = limits;
    const { kbitPerSMax, scheduler } = ports;
    this.#rate = kbitPerSMax === undefined ? undefined : new ByteRate(kbitPerSMax, scheduler.monotonicMs());
  }

  /**
   * A file of unknown content, whole in memory; undefined when there is no such file. Throws `transfer-oversized`,
   * `transfer-changed` or `transfer-silent` (both retryable), or the signal's reason.
   */
  async fetchFile(path: string, bytesMax: number, signal: AbortSignal): Promise<Uint8Array | undefined> {
    let totalBytes: number | undefined;
    let found = true;
    let window = new ChunkWindow([0], plainChunkBytes, this.#limits);
    const parts: Uint8Array[] = [];
    await this.#run(path, plainChunkBytes, signal, {
      window: () => window,
      take: (chunk) => {
        const count = Math.ceil(chunk.totalBytes / plainChunkBytes);
        if (totalBytes === undefined) {
          if (chunk.totalBytes > bytesMax) throw oversized(path, chunk.totalBytes, bytesMax);
          totalBytes = chunk.totalBytes;
          window = new ChunkWindow(
            Array.from({ length: count }, (_, i) => i),
            plainChunkBytes,
            this.#limits,
          );
        }
        const expected = Math.min(plainChunkBytes, totalBytes - chunk.index * plainChunkBytes);
        if (chunk.totalBytes !== totalBytes || chunk.data.byteLength !== expected) throw changed(path);
        parts[chunk.index] = Uint8Array.from(chunk.data);
      },
      onMissing: ({ status, totalBytes: bytes }) => {
        // A file of no bytes has no first chunk.
        if (status === 'beyond-end' && (totalBytes !== undefined || bytes > 0)) return changed(path);
        found = status !== 'not-found';
        window = new ChunkWindow([], plainChunkBytes, this.#limits);
        return undefined;
      },
    });
    return found ? Buffer.concat(parts) : undefined;
  }

  /**
   * The missing chunks of a file whose list is known, each checked before it is written. Throws `transfer-missing` or
   * `transfer-silent` (both retryable), `transfer-damaged`, what the sink throws, or the signal's reason.
   */
  async fetchChunks(map: ChunkMap, sink: ChunkSink, signal: AbortSignal): Promise<void> {
    const path = `blobs/${map.digest}`;
    const window = new ChunkWindow(sink.missing(), map.chunkBytes, this.#limits);
    await this.#run(path, map.chunkBytes, signal, {
      window: () => window,
      take: (chunk) => {
        checkChunk(map, chunk.index, chunk.data);
        return sink.write(chunk.index, chunk.data);
      },
      onMissing: (chunk) =>
        chunk.status === 'not-found' ? missing(path) : damaged(path, chunk.index, 'it is beyond the end'),
    });
  }

  /** A chunk arrived. One that nobody asked for is a late answer, or comes from a former life of this agent. */
  accept(chunk: Chunk): void {
    const task = this.#tasks.get(chunk.id);
    if (task === undefined || chunk.chunkBytes !== task.chunkBytes) return;
    const nowMs = this.#ports.scheduler.monotonicMs();
    task.lastChunkMs = nowMs;
    if (chunk.status === 'refused') {
      this.#pause(task, nowMs);
      this.#pump(chunk.id, task);
      return;
    }
    task.refusals = 0;
    task.pausedUntilMs = Number.NEGATIVE_INFINITY;
    // The end of a file is shorter than what was asked for.
    this.#rate?.giveBack(chunk.chunkBytes - chunk.data.byteLength);
    if (task.window().wants(chunk.index) && !task.busy.has(chunk.index)) {
      if (chunk.status === 'data') void this.#take(chunk, task, nowMs);
      else this.#conclude(chunk, task);
    }
  }

  /** Answers to what was asked for before the pause began make it no longer. */
  #pause(task: Task, nowMs: number): void {
    const { first, most } = refusedPauseMs;
    if (nowMs >= task.pausedUntilMs)
      task.pausedUntilMs = nowMs + Math.min(most, first * 2 ** Math.min(task.refusals++, 16));
    task.window().refused(nowMs, task.pausedUntilMs - nowMs);
  }

  linkUp(): void {
    for (const [id, task] of this.#tasks) {
      task.lastChunkMs = this.#ports.scheduler.monotonicMs();
      this.#pump(id, task);
    }
  }

  linkLost(): void {
    for (const task of this.#tasks.values()) task.window().linkLost();
  }

  async #run(
    path: string,
    chunkBytes: number,
    signal: AbortSignal,
    parts: Pick<Task, 'window' | 'take' | 'onMissing'>,
  ): Promise<void> {
    signal.throwIfAborted();
    const { random, scheduler } = this.#ports;
    const id = Math.floor(random.next() * 0x1_0000_0000);
    let onAbort: () => void = () => undefined;
    let task: Task | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        onAbort = () => reject(signal.reason);
        signal.addEventListener('abort', onAbort);
        task = {
          path,
          chunkBytes,
          ...parts,
          fail: reject,
          finish: resolve,
          busy: new Set(),
          lastChunkMs: scheduler.monotonicMs(),
          refusals: 0,
          pausedUntilMs: Number.NEGATIVE_INFINITY,
          cancelTimer: () => undefined,
        };
        this.#tasks.set(id, task);
        this.#pump(id, task);
      });
    } finally {
      signal.removeEventListener('abort', onAbort);
      task?.cancelTimer();
      this.#tasks.delete(id);
    }
  }

  /** `arrivedMs`: what checking and writing it takes says nothing of the link. */
  async #take(chunk: Chunk, task: Task, arrivedMs: number): Promise<void> {
    task.busy.add(chunk.index);
    try {
      await task.take(chunk);
      task.window().received(chunk.index, arrivedMs);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'chunk-refused') return task.fail(error as Error);
      this.#ports.onRejected('transfer/chunk', 'wrong-hash', error.message);
      if (!task.window().damaged(chunk.index))
        return task.fail(damaged(task.path, chunk.index, error.message));
    } finally {
      task.busy.delete(chunk.index);
    }
    if (this.#tasks.get(chunk.id) === task) this.#pump(chunk.id, task);
  }

  #conclude(chunk: Chunk, task: Task): void {
    const error = task.onMissing(chunk);
    if (error !== undefined) task.fail(error);
    else this.#pump(chunk.id, task);
  }

  #pump(id: number, task: Task): void {
    const { link, scheduler, kbitPerSMax } = this.#ports;
    const window = task.window();
    const nowMs = scheduler.monotonicMs();
    task.cancelTimer();
    if (window.done) {
      task.finish();
      return;
    }
    if (!link.isUp()) return;
    if (nowMs - task.lastChunkMs >= silenceMs) {
      task.fail(silent(task.path));
      return;
    }
    if (this.#mayAskMs(task, nowMs) <= nowMs) {
      for (const { from, count } of window.next(nowMs, chunksAtOnce(kbitPerSMax, task.chunkBytes))) {
        this.#rate?.take(count * task.chunkBytes, nowMs);
        this.#ask(id, task, from, count);
      }
    }
    const dueMs = Math.max(window.dueMs(nowMs), this.#mayAskMs(task, nowMs));
    const atMs = Math.min(dueMs, task.lastChunkMs + silenceMs);
    task.cancelTimer = scheduler.after(Math.max(1, atMs - nowMs), () => this.#pump(id, task));
  }

  #mayAskMs({ pausedUntilMs }: Task, nowMs: number): number {
    return Math.max(pausedUntilMs, this.#rate?.dueMs(nowMs) ?? nowMs);
  }

  #ask(id: number, { path, chunkBytes }: Task, from: number, count: number): void {
    const { link, scheduler, boot, nextSeq } = this.#ports;
    const at = new Date(scheduler.nowMs()).toISOString();
    const request = { v: 1 as const, boot, seq: nextSeq(), at, id, path, chunkBytes, from, count };
    // What the link does not take is asked for again after the timeout.
    link.send('transfer/request', encode('transfer/request', request));
  }
}
