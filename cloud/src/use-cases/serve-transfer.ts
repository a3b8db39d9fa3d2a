/**
 * Answers `transfer/request` with chunks. Each station is served one request at a time, so that a slow one holds up
 * nobody else, and a few more may wait; what comes beyond is refused, and the device asks again. Chunks are read when
 * they are sent, never ahead.
 */
import {
  type ChunkStatus,
  decode,
  encodeChunk,
  type StationAddress,
  type TransferRequest,
} from '@pomona/wire';
import type { Logger, StationLink } from './ports.ts';
import type { Rejections } from './rejections.ts';

export const transferLimits = { waitingPerStationMax: 8, stationsMax: 10_000 } as const;

export interface ServedFiles {
  /**
   * Up to `lengthMax` bytes of a file that devices may have, from `offset` on; empty at or beyond its end. Undefined
   * for any other path.
   */
  read(
    path: string,
    offset: number,
    lengthMax: number,
  ): Promise<{ readonly bytes: Uint8Array; readonly totalBytes: number } | undefined>;
}

export interface TransferPorts {
  readonly files: ServedFiles;
  readonly link: Pick<StationLink, 'publishChunk'>;
  readonly rejections: Rejections;
  readonly logger: Logger;
}

export class TransferServer {
  readonly #ports: TransferPorts;
  readonly #queues = new Map<string, TransferRequest[]>();
  readonly #running = new Set<Promise<void>>();
  #stopped = false;

  constructor(ports: TransferPorts) {
    this.#ports = ports;
  }

  /** Never throws. */
  accept(address: StationAddress, bytes: Uint8Array): void {
    const decoded = decode('transfer/request', bytes);
    if (!decoded.ok) {
      const { cause, detail } = decoded;
      this.#ports.rejections.count({ station: address.station, channel: 'transfer/request', cause, detail });
      return;
    }
    const queue = this.#queues.get(address.station);
    if (queue === undefined && this.#queues.size < transferLimits.stationsMax) {
      this.#start(address, [decoded.value]);
    } else if (queue && queue.length < transferLimits.waitingPerStationMax) {
      queue.push(decoded.value);
    } else {
      this.#track(this.#send(address, decoded.value, decoded.value.from, 'refused'));
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#running);
  }

  #start(address: StationAddress, queue: TransferRequest[]): void {
    this.#queues.set(address.station, queue);
    this.#track(this.#serveAll(address, queue).finally(() => this.#queues.delete(address.station)));
  }

  #track(work: Promise<void>): void {
    const settled = work
      .catch((error: unknown) => {
        // Chunks are sent at most once: the device misses what did not arrive and asks for it again.
        this.#ports.logger.debug({ err: error }, 'a transfer was broken off');
      })
      .finally(() => this.#running.delete(settled));
    this.#running.add(settled);
  }

  async #serveAll(address: StationAddress, queue: TransferRequest[]): Promise<void> {
    for (let request = queue.shift(); request && !this.#stopped; request = queue.shift())
      await this.#serve(address, request);
  }

  async #serve(address: StationAddress, request: TransferRequest): Promise<void> {
    for (let index = request.from; index < request.from + request.count && !this.#stopped; index++) {
      const offset = index * request.chunkBytes;
      const part = Number.isSafeInteger(offset)
        ? await this.#ports.files.read(request.path, offset, request.chunkBytes)
        : { bytes: new Uint8Array(), totalBytes: 0 };
      if (part === undefined) return this.#send(address, request, index, 'not-found');
      const { bytes, totalBytes } = part;
      if (bytes.byteLength === 0) {
        if (index === request.from) await this.#send(address, request, index, 'beyond-end', totalBytes);
        return;
      }
      await this.#send(address, request, index, 'data', totalBytes, bytes);
    }
  }

  #send(
    address: StationAddress,
    { id, chunkBytes }: TransferRequest,
    index: number,
    status: ChunkStatus,
    totalBytes = 0,
    data: Uint8Array = new Uint8Array(),
  ): Promise<void> {
    const inHeader = Math.min(index, 0xffffffff);
    const chunk = encodeChunk({ status, id, index: inHeader, chunkBytes, totalBytes, data });
    return this.#ports.link.publishChunk(address, chunk);
  }
}
