import { type Static, Type } from '@pomona/schema';
import { Instant, Slug } from './ids.ts';
import { Nullable } from './nullable.ts';

const strict = { additionalProperties: false };
const TimeOfDay = Type.String({ pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$' });

/** From `from` until before `to` by the clock on the site's wall; over midnight where `to` is the earlier one. */
export const QuietHours = Type.Object(
  {
    from: TimeOfDay,
    to: TimeOfDay,
    /** Of the IANA time zone database, such as `Europe/Zurich`. */
    zone: Type.String({ minLength: 1, maxLength: 64 }),
  },
  strict,
);
export type QuietHours = Static<typeof QuietHours>;

/** Thousand bits a second. Below 32 a single chunk would take longer than a device waits for it. */
export const kbitPerSRange = { minimum: 32, maximum: 10_000_000 } as const;
export const KbitPerS = Type.Integer(kbitPerSRange);

/** How releases go to a site's stations, and samples come from them. */
export const SiteDelivery = Type.Object(
  {
    /** Of release files, for all stations of the site together; null for no cap. */
    kbitPerSMax: Nullable(KbitPerS),
    /** In which no release is fetched and no sample sent; null for none. */
    quietHours: Nullable(QuietHours),
  },
  strict,
);
export type SiteDelivery = Static<typeof SiteDelivery>;

export const noSiteDelivery: SiteDelivery = { kbitPerSMax: null, quietHours: null };

/** `PUT /v1/sites/:site/delivery`: all of it, and why. */
export const SiteDeliveryRequest = Type.Object(
  { ...SiteDelivery.properties, reason: Type.String({ minLength: 1, maxLength: 500 }) },
  strict,
);
export type SiteDeliveryRequest = Static<typeof SiteDeliveryRequest>;

export const SiteView = Type.Object({
  site: Slug,
  stations: Type.Integer({ minimum: 0 }),
  delivery: SiteDelivery,
  /** When the quiet hours end that are now; null when none are. */
  quietUntil: Nullable(Instant),
});
export type SiteView = Static<typeof SiteView>;

/** One change of a site's delivery. */
export const SiteChange = Type.Object({
  at: Instant,
  actor: Type.String(),
  reason: Type.String(),
  delivery: SiteDelivery,
});
export type SiteChange = Static<typeof SiteChange>;
