import type { Ack, SignedEnvelope, StationAddress } from '@pomona/wire';
import type { StationLink } from '../use-cases/ports.ts';

/** A link that keeps what was published, and fails while `isAway`. */
export class MemoryLink implements StationLink {
  readonly acks: { readonly station: string; readonly ack: Ack }[] = [];
  readonly desired: { readonly station: string; readonly envelope: SignedEnvelope }[] = [];
  readonly chunks: { readonly station: string; readonly chunk: Uint8Array }[] = [];
  isAway = false;
  /** Held back until it resolves. */
  gate: Promise<void> = Promise.resolve();

  async publishAck({ station }: StationAddress, ack: Ack): Promise<void> {
    await this.#pass();
    this.acks.push({ station, ack });
  }

  async publishDesired({ station }: StationAddress, envelope: SignedEnvelope): Promise<void> {
    await this.#pass();
    this.desired.push({ station, envelope });
  }

  async publishChunk({ station }: StationAddress, chunk: Uint8Array): Promise<void> {
    await this.#pass();
    this.chunks.push({ station, chunk });
  }

  async #pass(): Promise<void> {
    await this.gate;
    if (this.isAway) throw new Error('the broker is away');
  }
}
