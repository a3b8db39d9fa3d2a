/**
 * What operators said of the delivery to each site: a cap on release files, and quiet hours. Kept in memory beside the
 * store, since every chunk is asked of it; the control plane alone writes, so both are the same.
 */
import {
  AppError,
  ByteRate,
  type Clock,
  noSiteDelivery,
  type SiteChange,
  type SiteDelivery,
  type SiteDeliveryRequest,
  type SiteView,
  type StationAddress,
} from '@pomona/wire';
import { checkQuietHours, type QuietState, quietAt, quietHoursText } from '../domain/quiet-hours.ts';
import type { SitePace } from './site-pace.ts';

export interface SiteRulePorts {
  readonly store: {
    /** The newest of each site. */
    current(): Promise<ReadonlyMap<string, SiteDelivery>>;
    add(site: string, change: SiteChange): Promise<void>;
    /** Newest first. */
    log(site: string): Promise<readonly SiteChange[]>;
  };
  readonly stations: { list(): Promise<readonly StationAddress[]> };
  readonly pace: Pick<SitePace, 'limit'>;
  readonly clock: Clock;
}

/** The channel's own limit. */
const holdSamplesSMax = 90_000;

export class SiteRules {
  readonly #ports: SiteRulePorts;
  readonly #deliveries = new Map<string, SiteDelivery>();
  /** Looked up for every chunk, computed when it changes. */
  readonly #quiet = new Map<string, QuietState>();
  /** Of samples, which go the other way than releases and have as much again. */
  readonly #sampleRates = new Map<string, ByteRate>();
  #isExempt: (station: string) => boolean = () => false;

  constructor(ports: SiteRulePorts) {
    this.#ports = ports;
  }

  async load(): Promise<void> {
    for (const [site, delivery] of await this.#ports.store.current()) this.#apply(site, delivery);
  }

  /** Who may fetch in quiet hours all the same. */
  exempt(isExempt: (station: string) => boolean): void {
    this.#isExempt = isExempt;
  }

  /** Takes effect at once. Errors: `site-unknown`, `quiet-hours-invalid`. */
  async set(site: string, { reason, ...delivery }: SiteDeliveryRequest, actor: string): Promise<SiteView> {
    await this.#ensureKnown(site);
    if (delivery.quietHours) checkQuietHours(delivery.quietHours);
    const at = new Date(this.#ports.clock.nowMs()).toISOString();
    await this.#ports.store.add(site, { at, actor, reason, delivery });
    this.#apply(site, delivery);
    return (await this.list()).find((view) => view.site === site)!;
  }

  /** Every site that has a station, by name. */
  async list(): Promise<readonly SiteView[]> {
    const counts = new Map<string, number>();
    for (const { site } of await this.#ports.stations.list()) counts.set(site, (counts.get(site) ?? 0) + 1);
    return [...counts].map(([site, stations]) => ({
      site,
      stations,
      delivery: this.#deliveries.get(site) ?? noSiteDelivery,
      quietUntil: instantOf(this.quietUntilMs(site)),
    }));
  }

  /** Error: `site-unknown`. */
  async log(site: string): Promise<readonly SiteChange[]> {
    await this.#ensureKnown(site);
    return this.#ports.store.log(site);
  }

  /** Undefined while it is not quiet. */
  quietUntilMs(site: string): number | undefined {
    const hours = this.#deliveries.get(site)?.quietHours;
    if (!hours) return undefined;
    const nowMs = this.#ports.clock.nowMs();
    let state = this.#quiet.get(site);
    if (state === undefined || nowMs < state.fromMs || nowMs >= state.untilMs) {
      state = quietAt(hours, nowMs);
      this.#quiet.set(site, state);
    }
    return state.isQuiet ? state.untilMs : undefined;
  }

  /** In words; null while it is not quiet. */
  quietText(site: string): string | null {
    const hours = this.#deliveries.get(site)?.quietHours;
    if (!hours || this.quietUntilMs(site) === undefined) return null;
    return `waits for the quiet hours ${quietHoursText(hours)} to end`;
  }

  /** Files of releases wait; the signed metadata, a few kilobytes that tell whether there is anything to fetch, does not. */
  isHeld({ site, station }: StationAddress, path: string): boolean {
    return path.startsWith('blobs/') && this.quietUntilMs(site) !== undefined && !this.#isExempt(station);
  }

  /** Counts toward the site's cap. */
  tookSample(site: string, bytes: number): void {
    this.#sampleRates.get(site)?.take(bytes, this.#ports.clock.monotonicMs());
  }

  /** For the acknowledgements to stations of the site; undefined while it is not quiet and the samples are within its cap. */
  holdSamplesS(site: string): number | undefined {
    const { clock } = this.#ports;
    const nowMs = clock.monotonicMs();
    const paidMs = (this.#sampleRates.get(site)?.dueMs(nowMs) ?? nowMs) - nowMs;
    const quietMs = (this.quietUntilMs(site) ?? 0) - clock.nowMs();
    const holdS = Math.min(Math.ceil(Math.max(quietMs, paidMs) / 1_000), holdSamplesSMax);
    return holdS > 0 ? holdS : undefined;
  }

  #apply(site: string, delivery: SiteDelivery): void {
    this.#deliveries.set(site, delivery);
    this.#quiet.delete(site);
    const { kbitPerSMax } = delivery;
    if (kbitPerSMax === null) this.#sampleRates.delete(site);
    else this.#sampleRates.set(site, new ByteRate(kbitPerSMax, this.#ports.clock.monotonicMs()));
    this.#ports.pace.limit(site, delivery.kbitPerSMax);
  }

  async #ensureKnown(site: string): Promise<void> {
    if ((await this.#ports.stations.list()).some((station) => station.site === site)) return;
    throw new AppError('site-unknown', `no station stands at a site ${site}`, {
      hint: 'See the list: pomona site list.',
    });
  }
}

function instantOf(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}
