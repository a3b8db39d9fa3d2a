import { digestOf } from '@pomona/release';
import { type Ack, type ChannelName, decode, type SampleMessage } from '@pomona/wire';
import type { OutboxSender } from '../use-cases/send-outbox.ts';
import { sampleAt } from './sample-records.ts';

interface Names {
  readonly boot: string;
  readonly names: readonly number[];
  readonly sample?: NonNullable<Ack['sample']>;
}

/** A link to a control plane that stores by name and keeps the pieces of samples, and loses what the test tells it to lose. */
export class KeepingCloud {
  up = true;
  losesMessages = false;
  losesAcks = false;
  /** Of quiet hours, as the control plane tells with each acknowledgement. */
  holdSamplesS: number | undefined;
  /** That are whole. */
  samples = 0;
  /** Of their pieces, those that came again too. */
  pieceChars = 0;
  pieceCharsMax = 0;
  /** How often each record came. */
  readonly stored = new Map<string, number>();
  sender: Pick<OutboxSender, 'acknowledged'> | undefined;
  #kept = { name: '', text: '' };

  isUp(): boolean {
    return this.up;
  }

  send(channel: ChannelName, bytes: Buffer): boolean {
    if (!this.up) return false;
    const ack = this.losesMessages ? undefined : this.receive(channel, bytes);
    const { sender, losesAcks } = this;
    if (ack !== undefined && !losesAcks) queueMicrotask(() => sender?.acknowledged(ack));
    return true;
  }

  /** What it answers. */
  receive(channel: ChannelName, bytes: Buffer): Ack {
    const { boot, names, sample } = this.#take(channel, bytes);
    for (const seq of names) this.stored.set(`${boot} ${seq}`, (this.stored.get(`${boot} ${seq}`) ?? 0) + 1);
    const ranges = names.map((seq): [number, number] => [seq, seq]);
    const hold = this.holdSamplesS === undefined ? {} : { holdSamplesS: this.holdSamplesS };
    return { v: 1, boot, at: sampleAt, ranges, ...(sample && { sample }), ...hold };
  }

  #take(channel: ChannelName, bytes: Buffer): Names {
    if (channel === 'samples') {
      const message = decode(channel, bytes);
      if (message.ok) return this.#keep(message.value);
    }
    if (channel === 'health' || channel === 'drift') {
      const record = decode(channel, bytes);
      if (record.ok) return { boot: record.value.boot, names: [record.value.seq] };
    }
    const grades = decode('grades', bytes);
    if (!grades.ok) throw new Error(`${channel}: ${grades.detail}`);
    const { boot, seq, fruits } = grades.value;
    if (fruits[0]?.seq !== seq) throw new Error('a message is not named after its first fruit');
    return { boot, names: fruits.map((fruit) => fruit.seq) };
  }

  /** As `SqlSamplePartStore` does. */
  #keep(message: SampleMessage): Names {
    const { boot, seq } = message;
    if (!('part' in message)) throw new Error(`sample ${seq} came whole`);
    const { part, text } = message;
    this.pieceChars += text.length;
    this.pieceCharsMax = Math.max(this.pieceCharsMax, text.length);
    const name = `${boot} ${seq} ${part.digest}`;
    if (this.#kept.name !== name) this.#kept = { name, text: '' };
    if (part.from === this.#kept.text.length) this.#kept.text += text;
    const { text: kept } = this.#kept;
    if (kept.length < part.of) return { boot, names: [], sample: { seq, upTo: kept.length } };
    const whole = decode('samples', Buffer.from(kept));
    if (!whole.ok || digestOf(Buffer.from(kept)) !== part.digest) throw new Error(`sample ${seq} is damaged`);
    this.#kept = { name: '', text: '' };
    this.samples++;
    return { boot, names: [seq] };
  }
}
