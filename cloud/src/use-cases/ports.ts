/** What the use-cases need of the outside. The adapters' classes have these shapes; none of them says so. */
import type {
  Ack,
  ChannelName,
  Desired,
  DriftWindow,
  Grades,
  Health,
  ModelLogEntry,
  Reported,
  SamplePart,
  Samples,
  ShadowMessage,
  SignedEnvelope,
  StationAddress,
  Status,
  StoredFruit,
} from '@pomona/wire';

export interface StationRecord extends StationAddress {
  /** The row of the store. */
  readonly id: number;
  readonly enrolledAtMs: number | null;
  readonly certificateSerial: string | null;
  /** Of the certificate that it was offered in the place of that one, and has not shown yet. */
  readonly renewedSerial: string | null;
  readonly lastSeenAtMs: number | null;
  readonly status: Status | null;
  readonly reported: Reported | null;
  readonly health: Health | null;
  /** When the last of each came in. */
  readonly statusAtMs: number | null;
  readonly healthAtMs: number | null;
}

export interface GradeTotal {
  readonly stationId: number;
  readonly grade: string;
  readonly count: number;
}

export interface Rollup extends GradeTotal {
  /** Start of the ten seconds, milliseconds since 1970. */
  readonly bucket: number;
}

/** Something from outside that was refused. `station` and `channel` are null where they are not known. */
export interface Rejection {
  readonly station: string | null;
  readonly channel: string | null;
  readonly cause: string;
  readonly count: number;
  readonly detail: string;
}

export interface QuarantinedRecord {
  readonly stationId: number;
  readonly channel: ChannelName;
  readonly boot: string;
  readonly seq: number;
  readonly cause: string;
  readonly detail: string;
  readonly body: string;
}

/** The views of a sample, unpacked. */
export interface SamplePixels {
  /** uint8 [views, size, size, 3], RGB. */
  readonly bytes: Uint8Array;
  readonly digest: string;
}

/** What one transaction stores. The latest of a station's status and reported comes last and wins. */
export interface TelemetryBatch {
  readonly receivedAtMs: number;
  readonly grades: readonly { readonly station: StationRecord; readonly message: Grades }[];
  readonly health: readonly { readonly station: StationRecord; readonly message: Health }[];
  readonly samples: readonly {
    readonly station: StationRecord;
    readonly message: Samples;
    readonly pixels: SamplePixels;
  }[];
  readonly drift: readonly { readonly station: StationRecord; readonly message: DriftWindow }[];
  readonly shadows: readonly { readonly station: StationRecord; readonly message: ShadowMessage }[];
  readonly status: ReadonlyMap<number, Status>;
  readonly reported: ReadonlyMap<number, Reported>;
  readonly quarantined: readonly QuarantinedRecord[];
  readonly rejections: readonly Rejection[];
  /** Rows of the stations that were heard. */
  readonly heard: ReadonlySet<number>;
}

export interface Committed {
  /** The last fruits that were not stored before, at most so many, in the order of arrival. */
  newest(countMax: number): StoredFruit[];
}

export interface TelemetryStore {
  /** All or nothing. Records that were stored before are passed over. Retryable errors: `database-full`, `database-busy`. */
  commit(batch: TelemetryBatch): Promise<Committed>;
}

/** How much is kept of a sample that comes in parts; `text` once that is all of it. */
export interface KeptSample {
  readonly upTo: number;
  readonly text?: string;
}

export interface SamplePartStore {
  /** Retryable errors: `database-full`, `database-busy`. */
  add(stationId: number, part: SamplePart, atMs: number): Promise<KeptSample>;
  forget(stationId: number, part: SamplePart): Promise<void>;
}

export interface BlobKeeper {
  /** Returns the digest. What is there already is not written again. */
  put(bytes: Uint8Array): Promise<string>;
}

export interface StationDirectory {
  findMany(stations: readonly string[]): Promise<readonly StationRecord[]>;
}

/** For the log of what changed. */
export interface ChangedBy {
  readonly actor: string;
  readonly reason: string;
  /** For the log of the model, where its failed gates were overridden. */
  readonly modelLog?: ModelLogEntry;
}

export interface StoredDesired {
  readonly station: StationRecord;
  readonly desired: Desired;
  readonly envelope: SignedEnvelope;
}

export interface DesiredSigner {
  sign(desired: Desired): SignedEnvelope;
}

/** The control plane's way to its stations. Resolves when the broker has taken the message. */
export interface StationLink {
  publishAck(station: StationAddress, ack: Ack): Promise<void>;
  publishDesired(station: StationAddress, envelope: SignedEnvelope): Promise<void>;
  publishChunk(station: StationAddress, chunk: Uint8Array): Promise<void>;
}

/** Where log lines go; pino's loggers are one. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
