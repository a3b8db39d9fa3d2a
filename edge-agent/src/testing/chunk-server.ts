import { type ChannelName, type Chunk, decode, type TransferRequest } from '@pomona/wire';
import type { Link } from '../use-cases/link.ts';

/** Answers chunk requests as a control plane does; `distort` may drop, change or repeat what is on its way. */
export class ChunkServer implements Link {
  up = true;
  readonly files = new Map<string, Uint8Array>();
  readonly requests: TransferRequest[] = [];
  distort: (chunk: Chunk) => readonly Chunk[] = (chunk) => [chunk];
  deliver: (chunk: Chunk) => void = () => undefined;

  isUp(): boolean {
    return this.up;
  }

  send(channel: ChannelName, bytes: Buffer): boolean {
    if (!this.up) return false;
    if (channel !== 'transfer/request') return true;
    const decoded = decode('transfer/request', bytes);
    if (!decoded.ok) throw new Error(decoded.detail);
    this.requests.push(decoded.value);
    for (const chunk of this.#answer(decoded.value)) {
      for (const sent of this.distort(chunk)) queueMicrotask(() => this.up && this.deliver(sent));
    }
    return true;
  }

  #answer({ id, path, chunkBytes, from, count }: TransferRequest): Chunk[] {
    const file = this.files.get(path);
    const nothing = { id, index: from, chunkBytes, data: new Uint8Array() };
    if (file === undefined) return [{ ...nothing, status: 'not-found', totalBytes: 0 }];
    const totalBytes = file.byteLength;
    if (from * chunkBytes >= totalBytes) return [{ ...nothing, status: 'beyond-end', totalBytes }];
    const chunks: Chunk[] = [];
    for (let index = from; index < from + count && index * chunkBytes < totalBytes; index++) {
      const data = file.subarray(index * chunkBytes, (index + 1) * chunkBytes);
      chunks.push({ status: 'data', id, index, chunkBytes, totalBytes, data });
    }
    return chunks;
  }
}
