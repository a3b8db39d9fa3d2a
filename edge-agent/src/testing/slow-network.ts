import { type ChannelName, type Chunk, type Random, seededRandom } from '@pomona/wire';
import type { Link } from '../use-cases/link.ts';
import type { TransferClient } from '../use-cases/transfer.ts';
import type { ChunkServer } from './chunk-server.ts';
import type { VirtualTime } from './virtual-time.ts';

/** Topic, header and what MQTT, TLS and TCP add to a chunk. */
const overheadBytes = 160;

export interface NetworkTroubles {
  readonly bitsPerSecond?: number;
  /** One way. */
  readonly latencyMs?: number;
  /** Share of chunks that are lost although the connection stays, as a full queue of a broker does. */
  readonly loss?: number;
  readonly breakEveryMs?: number;
  readonly downMs?: number;
}

/** A link between an agent and a control plane in virtual time. A break loses all that is on its way. */
export class SlowNetwork implements Link {
  deliveredBytes = 0;
  client: Pick<TransferClient, 'accept' | 'linkLost' | 'linkUp'> | undefined;
  readonly #server: ChunkServer;
  readonly #time: VirtualTime;
  readonly #troubles: NetworkTroubles;
  readonly #random: Random = seededRandom(1);
  /** Counts connections: what was sent on an earlier one does not arrive. */
  #connection = 0;
  #up = true;
  #freeMs = 0;

  constructor(server: ChunkServer, time: VirtualTime, troubles: NetworkTroubles) {
    this.#server = server;
    this.#time = time;
    this.#troubles = troubles;
    server.deliver = (chunk) => this.#carry(chunk);
    if (troubles.breakEveryMs !== undefined) this.#breakLater(troubles.breakEveryMs);
  }

  isUp(): boolean {
    return this.#up;
  }

  send(channel: ChannelName, bytes: Buffer): boolean {
    if (!this.#up) return false;
    this.#after(this.#troubles.latencyMs ?? 0, () => this.#server.send(channel, bytes));
    return true;
  }

  /** For so long nothing goes either way. */
  break(downMs = this.#troubles.downMs ?? 1_000): void {
    this.#up = false;
    this.#connection++;
    this.#freeMs = 0;
    this.client?.linkLost();
    this.#time.after(downMs, () => {
      this.#up = true;
      this.client?.linkUp();
    });
  }

  #breakLater(everyMs: number): void {
    this.#time.after(everyMs, () => {
      this.break();
      this.#breakLater(everyMs);
    });
  }

  #carry(chunk: Chunk): void {
    const { bitsPerSecond = 1e9, latencyMs = 0, loss = 0 } = this.#troubles;
    const bytes = chunk.data.byteLength + overheadBytes;
    const nowMs = this.#time.monotonicMs();
    this.#freeMs = Math.max(nowMs, this.#freeMs) + (bytes * 8_000) / bitsPerSecond;
    if (this.#random.next() < loss) return;
    this.#after(this.#freeMs - nowMs + latencyMs, () => {
      this.deliveredBytes += chunk.data.byteLength;
      this.client?.accept(chunk);
    });
  }

  #after(delayMs: number, run: () => void): void {
    const connection = this.#connection;
    this.#time.after(delayMs, () => connection === this.#connection && run());
  }
}
