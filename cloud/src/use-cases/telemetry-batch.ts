import type {
  Ack,
  DriftWindow,
  Grades,
  Health,
  JsonChannelName,
  Reported,
  SamplePart,
  Samples,
  ShadowMessage,
  StationAddress,
  Status,
} from '@pomona/wire';
import type { Salvage } from '../domain/salvage.ts';
import { seqRanges } from '../domain/seq-ranges.ts';
import type { QuarantinedRecord, SamplePixels, StationRecord, TelemetryBatch } from './ports.ts';

/** An `ack` of this many ranges stays below the channel's size even with the longest numbers. */
const rangesPerAck = 500;

export type TelemetryChannel = 'status' | 'reported' | 'grades' | 'health' | 'samples' | 'drift' | 'shadow';

interface IncomingBase {
  readonly address: StationAddress;
  readonly records: number;
}

/** Told apart by `part` from what can be stored. */
export interface IncomingPart extends IncomingBase {
  readonly channel: 'samples';
  readonly part: SamplePart;
  /** That it took on its way. */
  readonly bytes: number;
}

export type Incoming = IncomingPart | Storable;

export type Storable = IncomingBase &
  (
    | { readonly channel: 'status'; readonly value: Status }
    | { readonly channel: 'reported'; readonly value: Reported }
    | { readonly channel: 'grades'; readonly value: Grades }
    | { readonly channel: 'health'; readonly value: Health }
    | { readonly channel: 'samples'; readonly value: Samples; readonly pixels: SamplePixels }
    | { readonly channel: 'drift'; readonly value: DriftWindow }
    | { readonly channel: 'shadow'; readonly value: ShadowMessage }
    | {
        readonly channel: 'grades' | 'health' | 'samples' | 'drift';
        readonly salvage: Salvage;
        readonly cause: string;
        readonly detail: string;
      }
  );

interface Stored {
  readonly station: StationRecord;
  readonly boot: string;
  readonly seqs: number[];
  sample: Ack['sample'];
}

/** Sorts the messages of one commit by what they are, and remembers which records it will acknowledge. */
export class TelemetryBatchBuilder {
  readonly #receivedAtMs: number;
  readonly #grades: { station: StationRecord; message: Grades }[] = [];
  readonly #health: { station: StationRecord; message: Health }[] = [];
  readonly #samples: TelemetryBatch['samples'][number][] = [];
  readonly #drift: { station: StationRecord; message: DriftWindow }[] = [];
  /** The newest by station, boot and rollout. */
  readonly #shadows = new Map<string, TelemetryBatch['shadows'][number]>();
  readonly #status = new Map<number, Status>();
  readonly #reported = new Map<number, Reported>();
  readonly #quarantined: QuarantinedRecord[] = [];
  readonly #heard = new Map<number, StationRecord>();
  readonly #stored = new Map<string, Stored>();

  constructor(receivedAtMs: number) {
    this.#receivedAtMs = receivedAtMs;
  }

  /** Of a sample of which more is to come, so much is kept. */
  keep(station: StationRecord, { boot, seq }: SamplePart, upTo: number): void {
    this.#heard.set(station.id, station);
    this.#storedOf(station, boot).sample = { seq, upTo };
  }

  add(station: StationRecord, message: Storable): void {
    this.#heard.set(station.id, station);
    if ('salvage' in message) {
      this.#addSalvage(station, message.channel, message.salvage, message);
      return;
    }
    switch (message.channel) {
      case 'grades':
        this.#addGrades(station, message.value);
        break;
      case 'health':
        this.#health.push({ station, message: message.value });
        this.#store(station, message.value.boot, [message.value.seq]);
        break;
      case 'samples':
        this.#samples.push({ station, message: message.value, pixels: message.pixels });
        this.#store(station, message.value.boot, [message.value.seq]);
        break;
      case 'drift':
        this.#drift.push({ station, message: message.value });
        this.#store(station, message.value.boot, [message.value.seq]);
        break;
      case 'shadow':
        this.#addShadow(station, message.value);
        break;
      case 'status':
        this.#status.set(station.id, message.value);
        break;
      case 'reported':
        if (!isOlder(message.value, this.#reported.get(station.id) ?? station.reported))
          this.#reported.set(station.id, message.value);
        break;
    }
  }

  build(rejections: TelemetryBatch['rejections']): TelemetryBatch {
    return {
      receivedAtMs: this.#receivedAtMs,
      grades: this.#grades,
      health: this.#health,
      samples: this.#samples,
      drift: this.#drift,
      shadows: [...this.#shadows.values()],
      status: this.#status,
      reported: this.#reported,
      quarantined: this.#quarantined,
      rejections,
      heard: new Set(this.#heard.keys()),
    };
  }

  *acks(): Iterable<{ station: StationRecord; ack: Ack }> {
    const at = new Date(this.#receivedAtMs).toISOString();
    for (const { station, boot, seqs, sample } of this.#stored.values()) {
      const ranges = seqRanges(seqs);
      if (sample) yield { station, ack: { v: 1, boot, at, ranges: [], sample } };
      for (let from = 0; from < ranges.length; from += rangesPerAck)
        yield { station, ack: { v: 1, boot, at, ranges: ranges.slice(from, from + rangesPerAck) } };
    }
  }

  stationNames(): string[] {
    return [...this.#heard.values()].map(({ station }) => station);
  }

  /** Stations with a window of statistics in this batch. */
  countedNames(): string[] {
    return [...new Set(this.#drift.map(({ station }) => station.station))];
  }

  #addGrades(station: StationRecord, message: Grades): void {
    this.#grades.push({ station, message: { ...message, fruits: message.fruits.map(withOutcome) } });
    const seqs = message.fruits.map(({ seq }) => seq);
    this.#store(station, message.boot, seqs);
  }

  #addShadow(station: StationRecord, message: ShadowMessage): void {
    const key = `${station.id}/${message.boot}/${message.rollout}`;
    const known = this.#shadows.get(key)?.message;
    if (known === undefined || known.seq < message.seq) this.#shadows.set(key, { station, message });
  }

  #addSalvage(
    station: StationRecord,
    channel: JsonChannelName,
    { boot, grades, refused }: Salvage,
    { cause, detail }: { readonly cause: string; readonly detail: string },
  ): void {
    if (grades) this.#addGrades(station, grades);
    for (const { seq, body } of refused)
      this.#quarantined.push({ stationId: station.id, channel, boot, seq, cause, detail, body });
    const seqs = refused.map(({ seq }) => seq);
    this.#store(station, boot, seqs);
  }

  #store(station: StationRecord, boot: string, seqs: readonly number[]): void {
    const stored = this.#storedOf(station, boot);
    for (const seq of seqs) stored.seqs.push(seq);
  }

  #storedOf(station: StationRecord, boot: string): Stored {
    const key = `${station.id}/${boot}`;
    const known = this.#stored.get(key) ?? { station, boot, seqs: [], sample: undefined };
    this.#stored.set(key, known);
    return known;
  }
}

export function isAt(station: StationRecord, address: StationAddress): boolean {
  return station.site === address.site && station.line === address.line;
}

/** What an agent says in words that older control planes know, see `FruitRecord`. */
function withOutcome({ paused, ...fruit }: Grades['fruits'][number]): Grades['fruits'][number] {
  return paused === true ? { ...fruit, outcome: 'paused' } : fruit;
}

function isOlder(message: Reported, known: Reported | null): boolean {
  return known !== null && known.boot === message.boot && message.seq < known.seq;
}
