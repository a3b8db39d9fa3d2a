/**
 * Fetches files of the control plane over HTTPS, for sites where a proxy or a rule lets that through more easily than much MQTT.
 * The device shows its certificate. Metadata comes whole; the chunks of a file come by `Range` (RFC 9110, section 14), a run of
 * neighbours with each request, in the same window, by the same signed list and with the same checks as over MQTT.
 *
 * An attempt is a few requests side by side. When one of them breaks, all end, and after a pause the next attempt asks for what
 * is still missing; no byte for `silenceMs` makes the fetch fail.
 */
import type { IncomingMessage } from 'node:http';
import { Agent, get } from 'node:https';
import { type ChunkMap, checkChunk, chunkRange } from '@pomona/release';
import { AppError, ByteRate, isAppError } from '@pomona/wire';
import {
  type ChunkLimits,
  type ChunkRun,
  ChunkWindow,
  chunkLimits,
  chunksAtOnce,
} from '../domain/chunk-window.ts';
import { type Scheduler, wait } from '../use-cases/scheduler.ts';
import type { ChunkSink } from '../use-cases/transfer.ts';
import { damaged, missing, oversized, silent } from '../use-cases/transfer-errors.ts';

const silenceMs = 120_000;
/** Of one request without a byte. */
const idleMs = 30_000;
const pauseFirstMs = 500;
const pauseMaxMs = 15_000;
const socketsMax = 4;
/** No broker stands between, whose queue would fill: long runs, since each request costs what a small one does. */
const httpsLimits: ChunkLimits = { ...chunkLimits, windowBytes: 4 * 1024 * 1024 };

export interface HttpsTransferOptions {
  readonly url: string;
  readonly tls: { readonly key: string; readonly cert: string; readonly ca: string };
  readonly scheduler: Scheduler;
  /** Of chunks, by all fetches together. */
  readonly kbitPerSMax?: number | undefined;
  readonly onRejected: (channel: string, cause: string, detail: string) => void;
}

/** The connection or the other side failed in a way that may pass. */
class Trouble extends Error {
  /** The other side says so itself: it is there. */
  isAnswer = false;
}

export class HttpsTransfer {
  readonly #options: HttpsTransferOptions;
  readonly #limits: ChunkLimits;
  #agent: Agent;
  readonly #rate: ByteRate | undefined;

  constructor(options: HttpsTransferOptions, limits: ChunkLimits = httpsLimits) {
    this.#options = options;
    this.#limits = limits;
    const { kbitPerSMax, scheduler } = options;
    this.#rate = kbitPerSMax === undefined ? undefined : new ByteRate(kbitPerSMax, scheduler.monotonicMs());
    this.#agent = agentOf(options.tls);
  }

  /** What is under way breaks off, and goes on with the new certificate. */
  renew(cert: string): void {
    this.#agent.destroy();
    this.#agent = agentOf({ ...this.#options.tls, cert });
  }

  stop(): void {
    this.#agent.destroy();
  }

  /**
   * A file of unknown content, whole in memory; undefined when there is no such file. Throws `transfer-oversized`,
   * `transfer-silent` or `transfer-refused` (both retryable), or the signal's reason.
   */
  fetchFile(path: string, bytesMax: number, signal: AbortSignal): Promise<Uint8Array | undefined> {
    return this.#patiently(path, signal, async (heard) => {
      const response = await this.#get(path, {}, signal);
      if (response.statusCode === 404) {
        response.resume();
        return undefined;
      }
      if (response.statusCode !== 200) {
        response.destroy();
        throw refusalOf(path, response);
      }
      const parts: Buffer[] = [];
      let bytes = 0;
      for await (const part of bodyOf(response)) {
        heard();
        bytes += part.byteLength;
        if (bytes > bytesMax) throw oversized(path, bytes, bytesMax);
        parts.push(part);
      }
      return Buffer.concat(parts);
    });
  }

  /**
   * The missing chunks of a file whose list is known, each checked before it is written. Throws `transfer-missing`,
   * `transfer-silent` or `transfer-refused` (all retryable), `transfer-damaged`, what the sink throws, or the signal's reason.
   */
  async fetchChunks(map: ChunkMap, sink: ChunkSink, signal: AbortSignal): Promise<void> {
    const path = `blobs/${map.digest}`;
    const window = new ChunkWindow(sink.missing(), map.chunkBytes, this.#limits);
    const { scheduler, onRejected } = this.#options;
    /** That are being written: a chunk that was asked for twice may come twice. */
    const busy = new Set<number>();
    const take = async (index: number, data: Uint8Array): Promise<void> => {
      if (!window.wants(index) || busy.has(index)) return;
      busy.add(index);
      // What checking and writing it takes says nothing of the link.
      const arrivedMs = scheduler.monotonicMs();
      try {
        checkChunk(map, index, data);
        await sink.write(index, data);
        window.received(index, arrivedMs);
      } catch (error) {
        if (!isAppError(error, 'chunk-refused')) throw error;
        onRejected('https', 'wrong-hash', error.message);
        if (!window.damaged(index)) throw damaged(path, index, error.message);
      } finally {
        busy.delete(index);
      }
    };
    await this.#patiently(path, signal, async (heard) => {
      window.linkLost();
      await this.#fetchWindow(window, map.chunkBytes, signal, (run, stopped, wake) =>
        this.#fetchRun(map, run, stopped, async (index, data) => {
          heard();
          await take(index, data);
          wake();
        }),
      );
    });
  }

  /** Keeps the window full until all is there or a run fails; then no run is under way any more. */
  async #fetchWindow(
    window: ChunkWindow,
    chunkBytes: number,
    signal: AbortSignal,
    fetchRun: (run: ChunkRun, stopped: AbortSignal, wake: () => void) => Promise<void>,
  ): Promise<void> {
    const { scheduler, kbitPerSMax } = this.#options;
    const ending = new AbortController();
    const stopped = AbortSignal.any([signal, ending.signal]);
    const running = new Set<Promise<void>>();
    try {
      await new Promise<void>((resolve, reject) => {
        let cancel = (): void => undefined;
        const end = (): void => {
          cancel();
          reject(stopped.reason);
        };
        stopped.addEventListener('abort', end, { once: true });
        const pump = (): void => {
          cancel();
          if (stopped.aborted) {
            end();
            return;
          }
          if (window.done) {
            resolve();
            return;
          }
          const nowMs = scheduler.monotonicMs();
          const mayAskMs = this.#rate?.dueMs(nowMs) ?? nowMs;
          const runs = mayAskMs > nowMs ? [] : window.next(nowMs, chunksAtOnce(kbitPerSMax, chunkBytes));
          for (const run of runs) {
            this.#rate?.take(run.count * chunkBytes, nowMs);
            const done = fetchRun(run, stopped, pump);
            running.add(done);
            done.then(() => running.delete(done), reject);
          }
          const dueMs = Math.max(window.dueMs(nowMs), this.#rate?.dueMs(nowMs) ?? nowMs);
          cancel = scheduler.after(Math.max(1, dueMs - nowMs), pump);
        };
        pump();
      });
    } finally {
      ending.abort(new Error('the attempt is over'));
      await Promise.allSettled(running);
    }
  }

  async #fetchRun(
    map: ChunkMap,
    { from, count }: ChunkRun,
    signal: AbortSignal,
    take: (index: number, data: Uint8Array) => Promise<void>,
  ): Promise<void> {
    const path = `blobs/${map.digest}`;
    const { start } = chunkRange(map, from);
    const { end } = chunkRange(map, from + count - 1);
    const response = await this.#get(path, { range: `bytes=${start}-${end - 1}` }, signal);
    if (response.statusCode !== 206) {
      response.destroy();
      throw response.statusCode === 404 ? missing(path) : refusalOf(path, response);
    }
    let index = from;
    let filled = 0;
    const lengthOf = (at: number): number => {
      const range = chunkRange(map, at);
      return range.end - range.start;
    };
    // One for all chunks: nobody keeps what is taken.
    const chunk = Buffer.allocUnsafe(map.chunkBytes);
    for await (const part of bodyOf(response)) {
      for (let at = 0; at < part.byteLength; ) {
        if (index === from + count) throw new Trouble('more came than was asked for');
        const copied = part.copy(chunk, filled, at, at + lengthOf(index) - filled);
        at += copied;
        filled += copied;
        if (filled < lengthOf(index)) continue;
        await take(index++, chunk.subarray(0, filled));
        filled = 0;
      }
    }
    if (index < from + count) throw new Trouble('less came than was asked for');
  }

  /** Tries again after what may pass, as long as something is heard now and then. */
  async #patiently<T>(
    path: string,
    signal: AbortSignal,
    attempt: (heard: () => void) => Promise<T>,
  ): Promise<T> {
    const { scheduler } = this.#options;
    let heardMs = scheduler.monotonicMs();
    let pauseMs = pauseFirstMs;
    for (;;) {
      signal.throwIfAborted();
      try {
        return await attempt(() => {
          heardMs = scheduler.monotonicMs();
          pauseMs = pauseFirstMs;
        });
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof Trouble)) throw error;
        if (error.isAnswer) heardMs = scheduler.monotonicMs();
        if (scheduler.monotonicMs() - heardMs >= silenceMs) throw silent(path, error.message);
      }
      await wait(scheduler, pauseMs, signal);
      pauseMs = Math.min(2 * pauseMs, pauseMaxMs);
    }
  }

  #get(path: string, headers: Record<string, string>, signal: AbortSignal): Promise<IncomingMessage> {
    const url = new URL(`/v1/files/${path}`, this.#options.url);
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const request = get(url, { agent: this.#agent, headers, timeout: idleMs }, (response) => {
        // Whoever reads the body is told of it there; of an answer that nobody reads, nobody needs to know.
        response.on('error', () => undefined);
        response.once('end', forget);
        resolve(response);
      });
      // Node's own option for it hangs on the connection too, which outlives the request; and so would a reason.
      const onAbort = (): void => void request.destroy();
      const forget = (): void => signal.removeEventListener('abort', onAbort);
      signal.addEventListener('abort', onAbort, { once: true });
      request.once('close', forget);
      request.once('timeout', () => request.destroy(new Error('no answer in time')));
      request.on('error', (error) => reject(new Trouble(error.message, { cause: error })));
    });
  }
}

async function* bodyOf(response: IncomingMessage): AsyncGenerator<Buffer> {
  try {
    for await (const part of response) yield part as Buffer;
  } catch (error) {
    throw new Trouble(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** Of a status that is neither the file nor its absence. */
function refusalOf(path: string, { statusCode = 0 }: IncomingMessage): Error {
  // In the quiet hours of its site it is put off like that for hours.
  if (statusCode === 429 || statusCode === 503)
    return Object.assign(new Trouble(`HTTP ${statusCode}`), { isAnswer: true });
  if (statusCode >= 500) return new Trouble(`HTTP ${statusCode}`);
  const hint =
    statusCode === 401 || statusCode === 403
      ? 'The control plane does not take this device’s certificate: enrol the station again (`enrol --again`, with a new claim). It will be tried again.'
      : 'Something between this device and the control plane does not pass on `Range`: say `update.transport: "mqtt"` in the station’s configuration.';
  return new AppError('transfer-refused', `the request for ${path} was answered with HTTP ${statusCode}`, {
    hint,
    retryable: true,
  });
}

function agentOf(tls: HttpsTransferOptions['tls']): Agent {
  return new Agent({ ...tls, keepAlive: true, maxSockets: socketsMax });
}
