import { type Static, Type } from '@pomona/schema';
import { envelope, ReleaseRef } from './envelope.ts';
import { BootId, Digest, Instant, Slug } from './ids.ts';
import { FruitMeasures, Recipe } from './recipe.ts';
import { ShadowOrder, ShadowReport } from './shadow.ts';
import { CameraState, GateState, RecentFruits, Throttled } from './station-figures.ts';

const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const Share = Type.Number({ minimum: 0, maximum: 1 });
const Channel = Type.Number({ minimum: 0, maximum: 255 });
const Reason = Type.String({ maxLength: 500 });

export const Status = Type.Object({
  ...envelope,
  state: Type.Union([Type.Literal('online'), Type.Literal('offline')]),
  agentVersion: Type.String({ maxLength: 40 }),
  board: Type.String({ maxLength: 80 }),
  release: Type.Union([ReleaseRef, Type.Null()]),
  clock: Type.Union([Type.Literal('synced'), Type.Literal('unsynced'), Type.Literal('unknown')]),
});
export type Status = Static<typeof Status>;

/** A DSSE envelope (Dead Simple Signing Envelope, secure-systems-lab/dsse v1). `payload` is base64. */
export const SignedEnvelope = Type.Object({
  payloadType: Type.String({ maxLength: 120 }),
  payload: Type.String({ maxLength: 64_000 }),
  signatures: Type.Array(
    Type.Object({
      keyid: Type.String({ maxLength: 128 }),
      sig: Type.String({ maxLength: 256 }),
    }),
    { minItems: 1, maxItems: 8 },
  ),
});
export type SignedEnvelope = Static<typeof SignedEnvelope>;

/** What a station should run. Travels inside a `SignedEnvelope` of type `desiredPayloadType`. */
export const Desired = Type.Object({
  v: Type.Literal(1),
  site: Slug,
  line: Slug,
  station: Slug,
  /** Only ever grows; an agent refuses a lower one than it has seen. */
  counter: Type.Integer({ minimum: 1 }),
  at: Instant,
  release: Type.Union([ReleaseRef, Type.Null()]),
  recipe: Recipe,
  /** Lifts the refusal of a release that this station once rolled back; a newer counter alone does not. */
  retry: Type.Optional(Type.Boolean()),
  /** Runs silently beside `release`; agents from before it pass over it. */
  shadow: Type.Optional(ShadowOrder),
});
export type Desired = Static<typeof Desired>;
export const desiredPayloadType = 'application/vnd.pomona.desired.v1+json';

export const updateStates = [
  'idle',
  'planned',
  'fetching',
  'verifying',
  'staged',
  'self-test',
  'probation',
  'active',
  'failed',
  'rolled-back',
] as const;
export type UpdateStateName = (typeof updateStates)[number];

export const Reported = Type.Object({
  ...envelope,
  desiredCounter: Count,
  update: Type.Object({
    state: Type.Enum([...updateStates]),
    release: Type.Union([ReleaseRef, Type.Null()]),
    /** That are on the device, of `totalBytes`. */
    fetchedBytes: Count,
    /** Of them, copied from releases that the device had; left out before it looked, and by older agents. */
    reusedBytes: Type.Optional(Count),
    totalBytes: Count,
    reason: Type.Union([Reason, Type.Null()]),
    /** Of a failure: the station tries again by itself. */
    retry: Type.Optional(Type.Boolean()),
  }),
  running: Type.Union([
    Type.Object({
      release: ReleaseRef,
      variant: Slug,
      since: Instant,
      /** Why this variant: what the self-test found of each. */
      why: Type.Optional(Reason),
    }),
    Type.Null(),
  ]),
  recipeVersion: Type.Union([Type.Integer({ minimum: 1 }), Type.Null()]),
  /** The two places of a release that runs or ran well; an older agent does not tell. */
  slots: Type.Optional(
    Type.Array(
      Type.Object({
        name: Type.Union([Type.Literal('a'), Type.Literal('b')]),
        release: Type.Union([ReleaseRef, Type.Null()]),
        state: Type.Union([Type.Literal('running'), Type.Literal('previous'), Type.Literal('empty')]),
      }),
      { maxItems: 2 },
    ),
  ),
  /** Digests of releases that were rolled back here. */
  refused: Type.Optional(Type.Array(Digest, { maxItems: 64 })),
  /** The release that runs is proven at `until`, or earlier after so many fruits graded in time. */
  probation: Type.Optional(Type.Union([Type.Object({ until: Instant, fruits: Count }), Type.Null()])),
  /** What becomes of the desired `shadow`; null without one, left out by agents that know of none. */
  shadow: Type.Optional(Type.Union([ShadowReport, Type.Null()])),
});
export type Reported = Static<typeof Reported>;

export const FruitRecord = Type.Object({
  seq: Count,
  at: Instant,
  lane: Type.Integer({ minimum: 0, maximum: 63 }),
  /** Belt position of the fruit's centre at the camera's exit edge, millimetres of encoder travel since start. */
  positionMm: Type.Number(),
  grade: Slug,
  gate: Type.Integer({ minimum: 0, maximum: 63 }),
  /**
   * `late`: decided after the deadline, `unseen`: too few views, `paused`: the operator at the line had paused grading; all
   * of them got the recipe's default grade. Agents say `unseen` and `paused: true` for the last: control planes before it
   * know no such outcome, and would refuse the record.
   */
  outcome: Type.Union([
    Type.Literal('graded'),
    Type.Literal('late'),
    Type.Literal('unseen'),
    Type.Literal('paused'),
  ]),
  paused: Type.Optional(Type.Literal(true)),
  /** In the order of the message's `labels`; empty when there was no view. */
  probabilities: Type.Array(Share, { maxItems: 16 }),
  views: Type.Integer({ minimum: 0, maximum: 255 }),
  diameterMm: Type.Number({ minimum: 0, maximum: 1000 }),
  /** Mean colour of the fruit, sRGB 0..255. */
  colour: Type.Tuple([Type.Number(), Type.Number(), Type.Number()]),
  /** From the capture of the last view to the decision. */
  latencyMs: Type.Number({ minimum: 0 }),
  /** Older agents measure no more than the above. */
  measures: Type.Optional(FruitMeasures),
});
export type FruitRecord = Static<typeof FruitRecord>;

/** `seq` of the message is that of its first fruit. All fruit of a message are of the message's boot. */
export const Grades = Type.Object({
  ...envelope,
  release: ReleaseRef,
  recipeVersion: Type.Integer({ minimum: 1 }),
  labels: Type.Array(Slug, { minItems: 1, maxItems: 16 }),
  fruits: Type.Array(FruitRecord, { minItems: 1, maxItems: 500 }),
});
export type Grades = Static<typeof Grades>;

export const CertificateState = Type.Object({
  endsAt: Instant,
  /** Why no new one could be had when it was last asked for; left out where all is well. */
  trouble: Type.Optional(Type.String({ maxLength: 500 })),
});
export type CertificateState = Static<typeof CertificateState>;

export const Health = Type.Object({
  ...envelope,
  /** Until the next one. */
  intervalS: Type.Optional(Type.Number({ minimum: 1, maximum: 3_600 })),
  uptimeS: Type.Number({ minimum: 0 }),
  framesPerSecond: Type.Number({ minimum: 0 }),
  droppedFrames: Count,
  fruits: Count,
  missedDeadlines: Count,
  /** What passed and was taken for no fruit: leaves, empty cups; not among `fruits`. Left out by older agents. */
  notFruit: Type.Optional(Count),
  latencyMs: Type.Object({ p50: Type.Number(), p99: Type.Number() }),
  /** Left out before there is a release, and by older agents. */
  recent: Type.Optional(RecentFruits),
  /** Left out before the camera is started, and by older agents. */
  camera: Type.Optional(CameraState),
  /** Left out where there are no outlets, and by older agents. */
  gates: Type.Optional(GateState),
  cpuPercent: Type.Number({ minimum: 0 }),
  rssMb: Type.Number({ minimum: 0 }),
  /** Processes that ran or waited for a core, the mean of a minute. */
  loadAverage: Type.Optional(Type.Number({ minimum: 0 })),
  temperatureC: Type.Union([Type.Number(), Type.Null()]),
  /** Null where the board does not tell. */
  throttled: Type.Optional(Type.Union([Throttled, Type.Null()])),
  diskFreeMb: Type.Number({ minimum: 0 }),
  /** The disk was full when the agent started: what it records is lost with the power until it was sent. Left out otherwise. */
  outboxInMemory: Type.Optional(Type.Boolean()),
  outboxDepth: Count,
  /** Telemetry thrown away because the outbox was full. */
  outboxDropped: Count,
  /** Messages from outside that were refused, all causes. */
  rejectedMessages: Count,
  /** Since when the operator at the line has paused grading; left out while fruit is graded. */
  pausedSince: Type.Optional(Instant),
  /** By which the station connects; left out by older agents. */
  certificate: Type.Optional(CertificateState),
});
export type Health = Static<typeof Health>;

/** `disagreeing`: a candidate that ran beside the release gave the fruit another grade (`Samples.candidate`). */
export const sampleReasons = ['uncertain', 'random', 'asked', 'disagreeing'] as const;
export type SampleReason = (typeof sampleReasons)[number];

/** What a person said whose fruit it is: `source` is who, as a role and not as a name. */
export const SampleLabel = Type.Object({ grade: Slug, source: Slug });
export type SampleLabel = Static<typeof SampleLabel>;

/** A fruit that is worth a person's look, with what the model saw of it. `seq` is the sample's own; `fruit.seq` names the fruit. */
export const Samples = Type.Object({
  ...envelope,
  /** It was labelled at the line already (`reason` is `asked` then); older control planes take it for one without a label. */
  label: Type.Optional(SampleLabel),
  release: ReleaseRef,
  labels: Type.Array(Slug, { minItems: 1, maxItems: 16 }),
  /** Side of a view, pixels. */
  size: Type.Integer({ minimum: 8, maximum: 256 }),
  reason: Type.Enum([...sampleReasons]),
  /** Of one that is `disagreeing`: what the candidate said. */
  candidate: Type.Optional(Type.Object({ release: ReleaseRef, grade: Slug })),
  fruit: Type.Object({
    seq: Count,
    at: Instant,
    lane: Type.Integer({ minimum: 0, maximum: 63 }),
    grade: Slug,
    /** In the order of `labels`. */
    probabilities: Type.Array(Share, { minItems: 1, maxItems: 16 }),
    /** Of how many views each of `labels` was the likeliest; an older agent does not tell. */
    viewVotes: Type.Optional(Type.Array(Count, { maxItems: 16 })),
  }),
  /** Base64 of raw-deflated (RFC 1951) uint8 [size, size, 3], RGB, in the order of capture. */
  views: Type.Array(Type.String({ minLength: 4, maxLength: 280_000 }), { minItems: 1, maxItems: 8 }),
});
export type Samples = Static<typeof Samples>;

/** Of the JSON of `Samples`, in characters. */
export const sampleCharsMax = 786_432;
/** A part is at most so long; one that does not end its sample is at least so long. */
export const samplePartChars = { min: 1_024, max: 16_384 } as const;

/**
 * A piece of a sample on its way: `text` of all its pieces in their order is the JSON of `Samples`. `seq` is the sample's. One with an empty
 * `text` asks how much is kept; the answer is `sample` of `Ack`.
 */
export const SamplePart = Type.Object({
  ...envelope,
  part: Type.Object({
    /** Of `of` characters, where `text` begins. */
    from: Type.Integer({ minimum: 0, maximum: sampleCharsMax - 1 }),
    of: Type.Integer({ minimum: 1, maximum: sampleCharsMax }),
    /** SHA-256 of the whole, in UTF-8. */
    digest: Digest,
  }),
  text: Type.String({ maxLength: samplePartChars.max }),
});
export type SamplePart = Static<typeof SamplePart>;

/** Agents send parts; whole samples come from older ones. */
export const SampleMessage = Type.Union([SamplePart, Samples]);
export type SampleMessage = Static<typeof SampleMessage>;

/** Bins of a histogram of `drift`. */
export const driftBins = 16;

/**
 * What a window of fruit was like: so many fruits of one release in a row, counted in bins that all stations share. Counts
 * are whole numbers, so that windows merge exactly.
 */
export const DriftWindow = Type.Object({
  ...envelope,
  release: ReleaseRef,
  labels: Type.Array(Slug, { minItems: 1, maxItems: 16 }),
  /** When the first and the last of its fruits were decided. */
  from: Instant,
  to: Instant,
  /** That were seen at least once; each counts once in every histogram. */
  fruits: Type.Integer({ minimum: 1, maximum: 5_000 }),
  /** Looked at for the statistics of pictures, of all its fruits. */
  views: Count,
  /** Which table of bin edges. */
  edges: Type.Integer({ minimum: 1, maximum: 1_000 }),
  histograms: Type.Array(
    Type.Object({
      name: Type.String({ pattern: '^[a-z][A-Za-z]{0,39}$' }),
      counts: Type.Array(Count, { minItems: driftBins, maxItems: driftBins }),
    }),
    { maxItems: 32 },
  ),
  /** Mean colour of the belt between them, sRGB 0..255: it tells light and lens from fruit. */
  belt: Type.Optional(Type.Object({ red: Channel, green: Channel, blue: Channel })),
  /** What the recipe made of them. */
  grades: Type.Array(Type.Object({ grade: Slug, count: Count }), { maxItems: 32 }),
  confidence: Type.Object({
    /** Sum of each label's probability over the fruits, in the order of `labels`. */
    sum: Type.Array(Type.Number({ minimum: 0 }), { maxItems: 16 }),
    /** Of the fruits for which the label is the most probable: how many, and the sum of its probability. */
    predicted: Type.Array(Type.Object({ label: Slug, n: Count, sum: Type.Number({ minimum: 0 }) }), {
      maxItems: 16,
    }),
  }),
});
export type DriftWindow = Static<typeof DriftWindow>;

/** The device asks for `count` chunks of a file of its control plane, starting at chunk `from`. */
export const TransferRequest = Type.Object({
  ...envelope,
  /** Chosen by the device; comes back in every chunk. */
  id: Type.Integer({ minimum: 0, maximum: 0xffffffff }),
  /** `metadata/…` (TUF metadata) or `blobs/<digest>`; never an absolute path, never `..`. */
  path: Type.String({
    pattern: '^(metadata/[A-Za-z0-9._-]{1,100}|blobs/[0-9a-f]{64})$',
  }),
  chunkBytes: Type.Integer({ minimum: 1024, maximum: 131_072 }),
  from: Count,
  count: Type.Integer({ minimum: 1, maximum: 64 }),
});
export type TransferRequest = Static<typeof TransferRequest>;

/** Records that are safely stored: closed ranges of `seq` of one boot; none where `sample` is all that there is to say. */
export const Ack = Type.Object({
  v: Type.Literal(1),
  boot: BootId,
  at: Instant,
  ranges: Type.Array(Type.Tuple([Count, Count]), { maxItems: 1000 }),
  /** Of the sample that comes in parts, so many characters from its beginning are kept: the next part starts there. */
  sample: Type.Optional(Type.Object({ seq: Count, upTo: Count })),
  /**
   * For so many seconds from now no samples, for it is quiet hours at the site; an acknowledgement without it ends that.
   * A duration, since the device's clock may be wrong.
   */
  holdSamplesS: Type.Optional(Type.Integer({ minimum: 1, maximum: 90_000 })),
});
export type Ack = Static<typeof Ack>;
