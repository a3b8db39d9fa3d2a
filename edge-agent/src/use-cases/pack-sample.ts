import type { Clock, Samples } from '@pomona/wire';
import type { OutboxWriter } from '../domain/outbox.ts';

export interface SamplePackerPorts {
  readonly clock: Clock;
  readonly outbox: OutboxWriter;
  /** Must not hold up the calling thread. */
  readonly deflate: (bytes: Uint8Array) => Promise<Uint8Array>;
  /** After a sample was appended. */
  readonly onStored: () => void;
}

export type SampleHead = Omit<Samples, 'v' | 'boot' | 'seq' | 'at' | 'views'>;

export const sampleViewsMax = 8;
/** Of base64 per sample; views beyond it are left out. The channel takes 768 KiB. */
const viewCharsMax = 700_000;

/** Packs the views of a fruit into the outbox. */
export class SamplePacker {
  readonly #boot: string;
  readonly #ports: SamplePackerPorts;

  constructor(boot: string, ports: SamplePackerPorts) {
    this.#boot = boot;
    this.#ports = ports;
  }

  /** Resolves whether the outbox kept it. */
  async pack(head: SampleHead, crops: readonly Uint8Array[]): Promise<boolean> {
    const { clock, outbox, deflate, onStored } = this.#ports;
    const boot = this.#boot;
    const { label, ...rest } = head;
    const views: string[] = [];
    let chars = 0;
    for (const crop of crops) {
      const view = Buffer.from(await deflate(crop)).toString('base64');
      chars += view.length;
      if (chars > viewCharsMax) break;
      views.push(view);
    }
    const seq = outbox.nextSeq();
    const at = new Date(clock.nowMs()).toISOString();
    // The outbox tells by its beginning what a person labelled (`sqlite-outbox.ts`).
    const value = { v: 1 as const, boot, seq, at, ...(label && { label }), ...rest, views };
    const isKept = outbox.append({ kind: 'sample', boot, seq, value });
    if (isKept) onStored();
    return isKept;
  }
}
