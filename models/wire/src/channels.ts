/**
 * The one table of channels. Topics are `pomona/v1/{site}/{line}/{station}/{channel}`. From this table come the topic
 * builder and parser, the subscription filters, the payload types, the broker's access rules and the AsyncAPI document.
 *
 * The station's id is its certificate's common name, so that an access rule needs no more than `+` for the site and
 * the line. QoS 1 of the broker proves nothing about the database: records of `grades`, `health`, `samples` and `drift` are kept by the
 * sender until the control plane names them in `ack`.
 */
import { type Static, type TSchema, Type } from '@pomona/schema';
import { isSlug, type StationAddress } from './ids.ts';
import {
  Ack,
  DriftWindow,
  Grades,
  Health,
  Reported,
  SampleMessage,
  SignedEnvelope,
  Status,
  sampleCharsMax,
  TransferRequest,
} from './payloads.ts';
import { AlertMessage } from './rest-alerts.ts';
import { ShadowMessage } from './shadow.ts';

export interface ChannelRow {
  readonly direction: 'up' | 'down';
  readonly qos: 0 | 1;
  readonly retain: boolean;
  /** The payload as JSON; undefined for a binary payload, which `chunk.ts` encodes. */
  readonly schema: TSchema | undefined;
  readonly maxBytes: number;
  readonly summary: string;
}

export const channels = {
  status: {
    direction: 'up',
    qos: 1,
    retain: true,
    schema: Status,
    maxBytes: 4_096,
    summary: 'Birth and death of an agent (the death is its will)',
  },
  desired: {
    direction: 'down',
    qos: 1,
    retain: true,
    schema: SignedEnvelope,
    maxBytes: 65_536,
    summary: 'What the station should run, signed for it alone',
  },
  reported: {
    direction: 'up',
    qos: 1,
    retain: true,
    schema: Reported,
    maxBytes: 16_384,
    summary: 'What the station runs and how far an update is',
  },
  grades: {
    direction: 'up',
    qos: 1,
    retain: false,
    schema: Grades,
    maxBytes: 262_144,
    summary: 'A batch of graded fruits',
  },
  health: {
    direction: 'up',
    qos: 1,
    retain: false,
    schema: Health,
    maxBytes: 8_192,
    summary: 'Load, latency, memory, disk, outbox',
  },
  samples: {
    direction: 'up',
    qos: 1,
    retain: false,
    schema: SampleMessage,
    maxBytes: sampleCharsMax,
    summary: 'A part of a fruit for a person to label, with its views',
  },
  drift: {
    direction: 'up',
    qos: 1,
    retain: false,
    schema: DriftWindow,
    maxBytes: 16_384,
    summary: 'Statistics of a window of graded fruits',
  },
  shadow: {
    direction: 'up',
    qos: 1,
    retain: false,
    schema: ShadowMessage,
    maxBytes: 131_072,
    summary: 'How a candidate that runs beside the release grades the same fruit, all of this boot so far',
  },
  'transfer/request': {
    direction: 'up',
    qos: 0,
    retain: false,
    schema: TransferRequest,
    maxBytes: 1_024,
    summary: 'The device asks for chunks of a file',
  },
  'transfer/chunk': {
    direction: 'down',
    qos: 0,
    retain: false,
    schema: undefined,
    maxBytes: 131_072 + 64,
    summary: 'One chunk of a file, binary with a small header',
  },
  ack: {
    direction: 'down',
    qos: 1,
    retain: false,
    schema: Ack,
    maxBytes: 32_768,
    summary: 'Records that are safely stored',
  },
  alerts: {
    direction: 'down',
    qos: 1,
    retain: false,
    schema: AlertMessage,
    maxBytes: 32_768,
    summary:
      'An alert of this station was raised or acknowledged, or is over; for readers, the device does not listen',
  },
} as const satisfies Record<string, ChannelRow>;

export type ChannelName = keyof typeof channels;
export type JsonChannelName = {
  [K in ChannelName]: (typeof channels)[K]['schema'] extends TSchema ? K : never;
}[ChannelName];
export type Payload<K extends JsonChannelName> = (typeof channels)[K]['schema'] extends infer S extends
  TSchema
  ? Static<S>
  : never;

export const channelNames = Object.keys(channels) as readonly ChannelName[];
/** What a third party may be allowed to subscribe to: what stations say of themselves, and their alerts. */
export const readableChannels: readonly ChannelName[] = channelNames.filter(
  (name) => channels[name].direction === 'up' || name === 'alerts',
);
const rows: ReadonlyMap<string, ChannelRow> = new Map(Object.entries(channels));

export function channelRow(name: ChannelName): ChannelRow {
  return channels[name];
}

export const topicRoot = 'pomona/v1';

export function topicOf(address: StationAddress, channel: ChannelName): string {
  return `${topicRoot}/${address.site}/${address.line}/${address.station}/${channel}`;
}

export interface ParsedTopic {
  readonly address: StationAddress;
  readonly channel: ChannelName;
}

/** Undefined when the topic is not one of ours; never throws. */
export function parseTopic(topic: string): ParsedTopic | undefined {
  const [root, version, site = '', line = '', station = '', ...rest] = topic.split('/');
  if (`${root}/${version}` !== topicRoot) return undefined;
  if (!isSlug(site) || !isSlug(line) || !isSlug(station)) return undefined;
  const channel = rest.join('/');
  return rows.has(channel)
    ? { address: { site, line, station }, channel: channel as ChannelName }
    : undefined;
}

/** A subscription filter for a channel of all stations, or of the part of them that `where` names. */
export function filterOf(channel: ChannelName, where: Partial<StationAddress> = {}): string {
  return `${topicRoot}/${where.site ?? '+'}/${where.line ?? '+'}/${where.station ?? '+'}/${channel}`;
}

/** True when every topic that `inner` matches is matched by `outer` too (MQTT 3.1.1, section 4.7). */
export function filterCovers(outer: string, inner: string): boolean {
  const a = outer.split('/');
  const b = inner.split('/');
  for (let i = 0; i < a.length; i++) {
    if (a[i] === '#') return true;
    const level = b[i];
    if (level === undefined || level === '#') return false;
    if (a[i] !== '+' && a[i] !== level) return false;
  }
  return a.length === b.length;
}

export type Principal =
  | { readonly kind: 'station'; readonly station: string }
  | { readonly kind: 'control-plane' }
  | { readonly kind: 'reader'; readonly channels: readonly ChannelName[] };

export interface AccessRules {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

/** What a principal may do, as topic filters. All that is not named is denied. */
export function accessRulesOf(principal: Principal): AccessRules {
  const up = channelNames.filter((name) => channels[name].direction === 'up');
  const down = channelNames.filter((name) => channels[name].direction === 'down');
  switch (principal.kind) {
    case 'station': {
      const own = { station: principal.station };
      return {
        publish: up.map((name) => filterOf(name, own)),
        subscribe: down.map((name) => filterOf(name, own)),
      };
    }
    case 'control-plane':
      return {
        publish: down.map((name) => filterOf(name)),
        subscribe: up.map((name) => filterOf(name)),
      };
    case 'reader':
      return {
        publish: [],
        // Whatever was stored: what is for a station alone is nobody else's.
        subscribe: principal.channels
          .filter((name) => readableChannels.includes(name))
          .map((name) => filterOf(name)),
      };
  }
}

export const ChannelNameSchema = Type.Enum([...channelNames]);
