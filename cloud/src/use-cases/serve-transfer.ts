/**
 * Answers `transfer/request` with chunks. Each station is served one request at a time, so that a slow one holds up
 * nobody else, and a few more may wait; what comes beyond is refused, and the device asks again. Chunks are read and
 * sent a few neighbours together, and the next ones are read meanwhile.
 *
 * Where the site has a cap, each chunk waits for its turn. A chunk that is asked for again meanwhile is not sent twice:
 * that the request is refused tells the device that somebody is there, and the chunk comes all the same. In the quiet
 * hours of the site files of releases are refused.
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
import type { SitePace } from './site-pace.ts';
import type { SiteRules } from './site-rules.ts';

export const transferLimits = {
  waitingPerStationMax: 8,
  stationsMax: 10_000,
  /** Of a station's file at once: a read costs as much as sending what it brought. */
  readBytesMax: 256 * 1024,
} as const;

export interface ServedFiles {
  /**
   * Up to `lengthMax` bytes of a file that devices may have, from `offset` on; empty at or beyond its end. Undefined
   * for any other path.
   */
  read(path: string, offset: number, lengthMax: number): Promise<Part | undefined>;
}

interface Part {
  readonly bytes: Uint8Array;
  readonly totalBytes: number;
}

export interface TransferPorts {
  readonly files: ServedFiles;
  readonly link: Pick<StationLink, 'publishChunk'>;
  readonly sites: Pick<SiteRules, 'isHeld'>;
  readonly pace: Pick<SitePace, 'turn' | 'giveBack' | 'stop'>;
  readonly rejections: Rejections;
  readonly logger: Logger;
}

/** A request, and those of its chunks that no other waiting request has. */
interface Asked {
  readonly request: TransferRequest;
  readonly indices: readonly number[];
}

interface StationQueue {
  readonly waiting: Asked[];
  /** What was asked for and not answered yet, as `keyOf`. */
  readonly pending: Set<string>;
}

export class TransferServer {
  readonly #ports: TransferPorts;
  readonly #queues = new Map<string, StationQueue>();
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
    const request = decoded.value;
    const queue = this.#queues.get(address.station) ?? { waiting: [], pending: new Set() };
    const isNew = !this.#queues.has(address.station);
    const indices = Array.from({ length: request.count }, (_, i) => request.from + i).filter(
      (index) => !queue.pending.has(keyOf(request, index)),
    );
    const hasRoom = isNew
      ? this.#queues.size < transferLimits.stationsMax
      : queue.waiting.length < transferLimits.waitingPerStationMax;
    if (!hasRoom || indices.length === 0) {
      this.#track(this.#send(address, request, request.from, 'refused'));
      return;
    }
    queue.waiting.push({ request, indices });
    for (const index of indices) queue.pending.add(keyOf(request, index));
    if (isNew) this.#start(address, queue);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#ports.pace.stop();
    await Promise.all(this.#running);
  }

  #start(address: StationAddress, queue: StationQueue): void {
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

  async #serveAll(address: StationAddress, { waiting, pending }: StationQueue): Promise<void> {
    for (let asked = waiting.shift(); asked && !this.#stopped; asked = waiting.shift()) {
      await this.#serve(address, asked, pending);
      for (const index of asked.indices) pending.delete(keyOf(asked.request, index));
    }
  }

  async #serve(address: StationAddress, { request, indices }: Asked, pending: Set<string>): Promise<void> {
    const { sites, pace } = this.#ports;
    let ahead: Promise<Part | undefined> | undefined;
    for (let at = 0; at < indices.length; ) {
      const turn = pace.turn(address.site, address.station, request.chunkBytes);
      await turn;
      if (this.#stopped) return;
      const index = indices[at]!;
      if (sites.isHeld(address, request.path)) {
        pace.giveBack(address.site, request.chunkBytes);
        return this.#send(address, request, index, 'refused');
      }
      // Whoever waits for turns may wait long, and many may: their chunks are read one by one.
      const count = turn === undefined ? neighboursFrom(indices, at, request.chunkBytes) : 1;
      const part = await (turn === undefined && ahead ? ahead : this.#read(request, index, count));
      const { bytes, totalBytes } = part ?? { bytes: new Uint8Array(), totalBytes: 0 };
      if (turn !== undefined) pace.giveBack(address.site, request.chunkBytes - bytes.byteLength);
      for (const sent of indices.slice(at, at + count)) pending.delete(keyOf(request, sent));
      if (part === undefined) return this.#send(address, request, index, 'not-found');
      if (bytes.byteLength === 0) {
        if (at === 0) await this.#send(address, request, index, 'beyond-end', totalBytes);
        return;
      }
      at += count;
      ahead = turn === undefined && at < indices.length ? this.#readAhead(request, indices, at) : undefined;
      await this.#sendNeighbours(address, request, index, part);
    }
  }

  /** Nobody may come to need it. */
  #readAhead(request: TransferRequest, indices: readonly number[], at: number): Promise<Part | undefined> {
    const part = this.#read(request, indices[at]!, neighboursFrom(indices, at, request.chunkBytes));
    part.catch(() => undefined);
    return part;
  }

  async #read(
    { path, chunkBytes }: TransferRequest,
    index: number,
    count: number,
  ): Promise<Part | undefined> {
    const offset = index * chunkBytes;
    if (!Number.isSafeInteger(offset + count * chunkBytes)) return { bytes: new Uint8Array(), totalBytes: 0 };
    return this.#ports.files.read(path, offset, count * chunkBytes);
  }

  /** All at once, so that the broker writes them to the connection together. */
  async #sendNeighbours(
    address: StationAddress,
    request: TransferRequest,
    from: number,
    { bytes, totalBytes }: Part,
  ): Promise<void> {
    const { chunkBytes } = request;
    const sent = Array.from({ length: Math.ceil(bytes.byteLength / chunkBytes) }, (_, i) => {
      const data = bytes.subarray(i * chunkBytes, (i + 1) * chunkBytes);
      return this.#send(address, request, from + i, 'data', totalBytes, data);
    });
    await Promise.all(sent);
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

/** How many of the indices from `at` on are neighbours and may be read together. */
function neighboursFrom(indices: readonly number[], at: number, chunkBytes: number): number {
  const most = Math.max(1, Math.floor(transferLimits.readBytesMax / chunkBytes));
  let count = 1;
  while (count < most && indices[at + count] === indices[at]! + count) count++;
  return count;
}

function keyOf({ id, path, chunkBytes }: TransferRequest, index: number): string {
  return `${id} ${index} ${chunkBytes} ${path}`;
}
