/**
 * Takes what stations send into the store. Messages are collected for a few milliseconds and committed as one
 * transaction; only after the commit are their records acknowledged. Senders keep records until then, so the answer to
 * every trouble here is not to acknowledge: when the disk is full or the database locked the same batch is tried again,
 * and when too much waits, what comes in is let go and comes again.
 */

import { digestOf } from '@pomona/release';
import {
  type ChannelName,
  type Clock,
  decode,
  type Grades,
  isAppError,
  type SampleMessage,
  type SamplePart,
  type Samples,
  type StationAddress,
} from '@pomona/wire';
import { salvageGrades, salvageRecord } from '../domain/salvage.ts';
import { pause } from './pause.ts';
import type {
  BlobKeeper,
  Committed,
  Logger,
  SamplePartStore,
  StationDirectory,
  StationLink,
  StationRecord,
  TelemetryStore,
} from './ports.ts';
import type { Rejections } from './rejections.ts';
import {
  type Incoming,
  type IncomingPart,
  isAt,
  type Storable,
  TelemetryBatchBuilder,
  type TelemetryChannel,
} from './telemetry-batch.ts';
import { unpackSample } from './unpack-sample.ts';

export const ingestLimits = {
  collectMs: 5,
  storeRejectionsMs: 500,
  /** A commit is closed at about this many records, so that it stays short. */
  recordsPerCommit: 4_000,
  /** What waits for a commit. About 400 bytes each. */
  waitingRecordsMax: 200_000,
  retryMs: { first: 100, most: 5_000 },
};

export interface IngestPorts {
  readonly store: TelemetryStore;
  readonly parts: SamplePartStore;
  readonly stations: StationDirectory;
  /** Where the views of samples go. */
  readonly blobs: BlobKeeper;
  readonly link: Pick<StationLink, 'publishAck'>;
  readonly rejections: Rejections;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly sites?: {
    /** Counts what came of samples toward the site's cap. */
    tookSample(site: string, bytes: number): void;
    /** For how long a site's stations are to send no samples; undefined for not at all. */
    holdSamplesS(site: string): number | undefined;
  };
  /** After each commit. */
  readonly onCommitted?: (news: IngestNews) => void;
}

export interface IngestNews extends Committed {
  /** That were heard. */
  readonly stations: readonly string[];
  /** Those of them that sent statistics of a window. */
  readonly counted: readonly string[];
}

/** Since this program started. */
export interface IngestFigures {
  /** Records that were committed and acknowledged, those that came again too. */
  readonly records: ReadonlyMap<TelemetryChannel, number>;
  /** Records that wait for a commit. */
  readonly waiting: number;
}

/** Pixels weigh more than a row: a sample counts as so many of the records that a commit may hold. */
const sampleRecords = 50;

interface Joined {
  readonly station: StationRecord;
  readonly part: SamplePart;
}

export class Ingest {
  readonly #ports: IngestPorts;
  readonly #limits: typeof ingestLimits;
  #waiting: Incoming[] = [];
  #waitingRecords = 0;
  readonly #records = new Map<TelemetryChannel, number>();
  #running: Promise<void> | undefined;
  #rejectionTimer: NodeJS.Timeout | undefined;
  readonly #stopping = new AbortController();

  constructor(ports: IngestPorts, limits = ingestLimits) {
    this.#ports = ports;
    this.#limits = limits;
    ports.rejections.onCounted = () => this.#wakeLater();
  }

  get figures(): IngestFigures {
    return { records: new Map(this.#records), waiting: this.#waitingRecords };
  }

  /** Never throws: whatever the bytes are, they are taken, or counted as refused. */
  accept(address: StationAddress, channel: TelemetryChannel, bytes: Uint8Array): void {
    if (this.#stopping.signal.aborted) return;
    const incoming = this.#decode(address, channel, bytes);
    if (!incoming) return;
    if (this.#waitingRecords + incoming.records > this.#limits.waitingRecordsMax) {
      this.#refuse(address, channel, 'overloaded', 'too much waits for the database; it will be sent again');
      return;
    }
    this.#waiting.push(incoming);
    this.#waitingRecords += incoming.records;
    this.#wake();
  }

  /** Resolves when nothing waits any more, or when a commit fails after `stop` was called. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  /** Commits what waits, once; what fails now was not acknowledged and will be sent again. */
  async stop(): Promise<void> {
    clearTimeout(this.#rejectionTimer);
    this.#stopping.abort();
    this.#wake();
    await this.idle();
  }

  #decode(address: StationAddress, channel: TelemetryChannel, bytes: Uint8Array): Incoming | undefined {
    const decoded = decode(channel, bytes);
    if (decoded.ok && channel === 'samples') {
      const value = decoded.value as SampleMessage;
      return 'part' in value ? incomingPart(address, value, bytes.byteLength) : this.#unpack(address, value);
    }
    if (decoded.ok) {
      const records = channel === 'grades' ? (decoded.value as Grades).fruits.length : 1;
      return { address, channel, value: decoded.value, records } as Incoming;
    }
    const { cause, detail } = decoded;
    this.#refuse(address, channel, cause, detail);
    if (cause !== 'schema' || channel === 'status' || channel === 'reported' || channel === 'shadow')
      return undefined;
    const value: unknown = JSON.parse(Buffer.from(bytes).toString());
    const salvage = channel === 'grades' ? salvageGrades(value) : salvageRecord(value);
    const records = (salvage?.grades?.fruits.length ?? 0) + (salvage?.refused.length ?? 0);
    return salvage && { address, channel, salvage, cause, detail, records };
  }

  /** A sample whose views or label cannot be read will never be better: it goes to quarantine. */
  #unpack(address: StationAddress, value: Samples): Storable {
    const pixels = unpackSample(value);
    if (pixels !== undefined) return { address, channel: 'samples', value, pixels, records: sampleRecords };
    const cause = 'sample-damaged';
    const detail = 'its views are no deflated pixels of its size, or its label is no grade of its model';
    return this.#quarantine(address, { ...value, views: [] }, cause, detail);
  }

  #quarantine(address: StationAddress, value: Samples | SamplePart, cause: string, detail: string): Storable {
    this.#refuse(address, 'samples', cause, detail);
    return { address, channel: 'samples', salvage: salvageRecord(value)!, cause, detail, records: 1 };
  }

  /** Whether that was the last part, and the sample is in the batch; while more is to come, the acknowledgement says how much is kept. */
  async #join(
    station: StationRecord,
    { address, part, bytes }: IncomingPart,
    batch: TelemetryBatchBuilder,
  ): Promise<boolean> {
    const { parts, sites, clock } = this.#ports;
    sites?.tookSample(station.site, bytes);
    const { upTo, text } = await parts.add(station.id, part, clock.nowMs());
    if (text === undefined) batch.keep(station, part, upTo);
    else batch.add(station, this.#whole(address, part, Buffer.from(text)));
    return text !== undefined;
  }

  #whole(address: StationAddress, part: SamplePart, bytes: Buffer): Storable {
    const decoded = decode('samples', bytes);
    const isOurs = decoded.ok && decoded.value.boot === part.boot && decoded.value.seq === part.seq;
    if (isOurs && !('part' in decoded.value) && digestOf(bytes) === part.part.digest)
      return this.#unpack(address, decoded.value);
    const detail = 'its parts do not make the sample that they name';
    return this.#quarantine(address, { ...part, text: '' }, 'sample-damaged', detail);
  }

  #refuse(address: StationAddress, channel: ChannelName, cause: string, detail: string): void {
    this.#ports.rejections.count({ station: address.station, channel, cause, detail });
  }

  /** Counters go along with the next commit; a flood of refused messages alone must not become a flood of commits. */
  #wakeLater(): void {
    if (this.#rejectionTimer || this.#stopping.signal.aborted) return;
    this.#rejectionTimer = setTimeout(() => {
      this.#rejectionTimer = undefined;
      this.#wake();
    }, this.#limits.storeRejectionsMs);
  }

  #wake(): void {
    if (this.#running) return;
    this.#running = this.#run()
      .catch((error: unknown) => {
        this.#ports.logger.error(
          { err: error },
          'ingest failed; what was not acknowledged will be sent again',
        );
      })
      .finally(() => {
        this.#running = undefined;
        if (this.#waiting.length > 0 && !this.#stopping.signal.aborted) this.#wake();
      });
  }

  async #run(): Promise<void> {
    await pause(this.#limits.collectMs, this.#stopping.signal);
    do {
      await this.#commitUntilDone(this.#takeWaiting());
    } while (this.#waiting.length > 0);
  }

  #takeWaiting(): Incoming[] {
    let records = 0;
    let count = 0;
    while (count < this.#waiting.length && records < this.#limits.recordsPerCommit)
      records += this.#waiting[count++]!.records;
    this.#waitingRecords -= records;
    return this.#waiting.splice(0, count);
  }

  async #commitUntilDone(messages: readonly Incoming[]): Promise<void> {
    const { logger } = this.#ports;
    let waitMs: number = this.#limits.retryMs.first;
    for (;;) {
      try {
        return await this.#commit(messages);
      } catch (error) {
        if (!isAppError(error) || !error.retryable) return this.#commitEach(messages, error);
        logger.warn({ code: error.code, messages: messages.length }, `${error.message}; trying again`);
        if (this.#stopping.signal.aborted) throw error;
        await pause(waitMs, this.#stopping.signal);
        waitMs = Math.min(waitMs * 2, this.#limits.retryMs.most);
      }
    }
  }

  /** One message that the store cannot take must not hold back the others of its batch. */
  async #commitEach(messages: readonly Incoming[], cause: unknown): Promise<void> {
    const [only] = messages;
    if (only === undefined) throw cause;
    if (messages.length > 1) {
      for (const message of messages) await this.#commitUntilDone([message]);
      return;
    }
    this.#ports.logger.error(
      { err: cause, ...only.address, channel: only.channel },
      'cannot store a message',
    );
    this.#refuse(only.address, only.channel, 'not-stored', String(cause));
  }

  async #commit(messages: readonly Incoming[]): Promise<void> {
    const { store, clock, rejections, onCommitted } = this.#ports;
    const stations = await this.#stationsOf(messages);
    const batch = new TelemetryBatchBuilder(clock.nowMs());
    const known = messages.filter(({ address }) => {
      const station = stations.get(address.station);
      return station !== undefined && isAt(station, address);
    });
    const refused = rejections.take();
    try {
      const joined: Joined[] = [];
      for (const message of known) {
        const station = stations.get(message.address.station)!;
        if (!('part' in message)) batch.add(station, message);
        else if (await this.#join(station, message, batch)) joined.push({ station, part: message.part });
      }
      const ready = batch.build(refused);
      for (const { pixels } of ready.samples) await this.#ports.blobs.put(pixels.bytes);
      const committed = await store.commit(ready);
      // Should the power fail before, they are joined and stored once more when the station asks.
      for (const { station, part } of joined) await this.#ports.parts.forget(station.id, part);
      this.#count(known, joined.length);
      this.#refuseStrangers(messages, stations);
      this.#acknowledge(batch);
      onCommitted?.({ ...committed, stations: batch.stationNames(), counted: batch.countedNames() });
    } catch (error) {
      rejections.restore(refused);
      throw error;
    }
  }

  #count(messages: readonly Incoming[], joined: number): void {
    const count = (channel: TelemetryChannel, records: number) =>
      this.#records.set(channel, (this.#records.get(channel) ?? 0) + records);
    // A sample weighs as much as many records, and is one.
    for (const message of messages)
      if (!('part' in message)) count(message.channel, message.channel === 'samples' ? 1 : message.records);
    if (joined > 0) count('samples', joined);
  }

  async #stationsOf(messages: readonly Incoming[]): Promise<Map<string, StationRecord>> {
    const names = new Set(messages.map(({ address }) => address.station));
    const records = await this.#ports.stations.findMany([...names]);
    return new Map(records.map((record) => [record.station, record]));
  }

  #refuseStrangers(messages: readonly Incoming[], stations: ReadonlyMap<string, StationRecord>): void {
    for (const { address, channel } of messages) {
      const station = stations.get(address.station);
      const topic = `${address.site}/${address.line}/${address.station}`;
      if (!station)
        this.#ports.rejections.count({ station: null, channel, cause: 'unknown-station', detail: topic });
      else if (!isAt(station, address)) this.#refuse(address, channel, 'wrong-place', topic);
    }
  }

  #acknowledge(batch: TelemetryBatchBuilder): void {
    const { link, logger, sites } = this.#ports;
    for (const { station, ack } of batch.acks()) {
      const holdS = sites?.holdSamplesS(station.site);
      const told = holdS === undefined ? ack : { ...ack, holdSamplesS: holdS };
      link.publishAck(station, told).catch((error: unknown) => {
        // The records come again, and then they are acknowledged again.
        logger.debug({ err: error, station: station.station }, 'could not send an acknowledgement');
      });
    }
  }
}

/** One that may be the last weighs as much as the sample that it brings. */
function incomingPart(address: StationAddress, part: SamplePart, bytes: number): IncomingPart {
  const { from, of } = part.part;
  const isMiddle = part.text.length > 0 && from + part.text.length < of;
  return { address, channel: 'samples', part, bytes, records: isMiddle ? 5 : sampleRecords };
}
