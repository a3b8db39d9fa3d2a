import { type Static, Type } from '@pomona/schema';
import { Instant } from './ids.ts';
import { Nullable } from './nullable.ts';
import { AlertMessage } from './rest-alerts.ts';

const Id = Type.Integer({ minimum: 1 });
const Count = Type.Integer({ minimum: 0 });

/** The body that a webhook is sent. `delivery` stays the same when it is sent again. */
export const WebhookBody = Type.Object({
  v: Type.Literal(1),
  delivery: Type.String(),
  event: Type.Union([AlertMessage.properties.event, Type.Literal('test')]),
  at: Instant,
  /** Null in a test. */
  alert: Nullable(AlertMessage.properties.alert),
});
export type WebhookBody = Static<typeof WebhookBody>;

export const WebhookDelivery = Type.Object({
  delivery: Type.String(),
  event: WebhookBody.properties.event,
  state: Type.Enum(['waiting', 'delivered', 'failed']),
  attempts: Count,
  /** HTTP status of the last answer; null when there was none. */
  status: Nullable(Type.Integer()),
  /** Why the last attempt failed. */
  error: Nullable(Type.String()),
  attemptedAt: Nullable(Instant),
  /** When it is tried again. */
  nextAt: Nullable(Instant),
});
export type WebhookDelivery = Static<typeof WebhookDelivery>;

export const WebhookView = Type.Object({
  id: Id,
  url: Type.String(),
  createdBy: Type.String(),
  createdAt: Instant,
  /** Deliveries that are still tried. */
  waiting: Count,
  /** The one that was tried last; null before the first. */
  last: Nullable(WebhookDelivery),
});
export type WebhookView = Static<typeof WebhookView>;

export const NewWebhook = Type.Object({ url: Type.String({ minLength: 1, maxLength: 2_000 }) });
export type NewWebhook = Static<typeof NewWebhook>;

export const CreatedWebhook = Type.Object({
  ...WebhookView.properties,
  /** Key of the signatures; told this once. */
  secret: Type.String(),
});
export type CreatedWebhook = Static<typeof CreatedWebhook>;
