import { type Static, Type } from '@pomona/schema';
import { Instant, Slug } from './ids.ts';
import { Nullable } from './nullable.ts';

export const alertKinds = [
  'drift-camera',
  'drift-population',
  'drift-model',
  'station-offline',
  'station-health',
  'station-camera',
  'station-certificate',
  'rollout-paused',
  'retrain-proposed',
] as const;
export type AlertKind = (typeof alertKinds)[number];

/** What an alert said before it became critical, and who had seen to that. */
export const AlertBefore = Type.Object({
  /** When it became critical. */
  until: Instant,
  title: Type.String(),
  detail: Type.String(),
  acknowledgedAt: Nullable(Instant),
  acknowledgedBy: Nullable(Type.String()),
  note: Nullable(Type.String()),
});
export type AlertBefore = Static<typeof AlertBefore>;

/**
 * Something that a person should look at. One per episode: it stays open until its cause is gone. A warning that gets worse becomes critical and is to be
 * seen to anew; what is critical stays so until it is over.
 */
export const AlertView = Type.Object({
  id: Type.Integer({ minimum: 1 }),
  kind: Type.Enum([...alertKinds]),
  severity: Type.Enum(['warning', 'critical']),
  station: Nullable(Slug),
  title: Type.String(),
  /** What it means and what to do, in words. */
  detail: Type.String(),
  /** The figures behind it. */
  evidence: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()])),
  openedAt: Instant,
  closedAt: Nullable(Instant),
  acknowledgedAt: Nullable(Instant),
  acknowledgedBy: Nullable(Type.String()),
  note: Nullable(Type.String()),
  /** Of one that was a warning first. */
  before: Type.Optional(AlertBefore),
});
export type AlertView = Static<typeof AlertView>;

export const AlertAcknowledgement = Type.Object({ note: Type.String({ maxLength: 1_000 }) });

/** What became of an alert. */
const alertEvents = ['raised', 'escalated', 'acknowledged', 'over'] as const;
export type AlertEvent = (typeof alertEvents)[number];

/** The channel `alerts`: only what concerns one station goes out there. */
export const AlertMessage = Type.Object({
  v: Type.Literal(1),
  event: Type.Enum([...alertEvents]),
  at: Instant,
  alert: AlertView,
});
export type AlertMessage = Static<typeof AlertMessage>;
