import type { Clock, Desired, DesiredRequest, StationView } from '@pomona/wire';
import type { App } from '../adapters/http/create-app.ts';
import type { ControlPlaneLink } from '../adapters/mqtt/control-plane-link.ts';
import type { PomonaDatabase } from '../adapters/sql/open-database.ts';
import type { Stores } from '../adapters/sql/open-stores.ts';
import type { Alerts } from '../use-cases/alerts.ts';
import type { IngestFigures, IngestNews } from '../use-cases/ingest.ts';
import type { JobQueue } from '../use-cases/job-queue.ts';
import type { LiveFeed } from '../use-cases/live-feed.ts';
import type { ChangedBy, Logger } from '../use-cases/ports.ts';
import type { ShadowRequest } from '../use-cases/set-shadow.ts';
import type { SiteRules } from '../use-cases/site-rules.ts';

/** How this program does. */
export interface PlaneFigures {
  /** Null where the broker is another program. */
  readonly brokerClients: number | null;
  readonly ingest: IngestFigures;
}

export interface WebhookOptions {
  /** For tests: programs on this machine may be called. */
  readonly allowLoopback?: boolean;
  /** Pauses between attempts; one more attempt than there are of them. */
  readonly retryMs?: readonly number[];
}

/** What a feature of the control plane builds on. */
export interface FeatureContext {
  readonly dataFolder: string;
  readonly db: PomonaDatabase;
  readonly stores: Stores;
  readonly link: ControlPlaneLink;
  readonly feed: LiveFeed;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly alerts: Alerts;
  readonly sites: SiteRules;
  readonly webhooks?: WebhookOptions;
  /** Trainings; a feature says with `handle` how it does its kind. */
  readonly jobs: JobQueue;
  figures(): PlaneFigures;
  /** Whether a release still misses signatures. */
  readonly isWaiting: (release: { readonly name: string; readonly version: number }) => Promise<boolean>;
  /** Of all stations unless named. */
  viewStations(names?: readonly string[]): Promise<readonly StationView[]>;
  /** `by` goes to the log of what the station was told. */
  setDesired(station: string, request: DesiredRequest, by?: ChangedBy): Promise<Desired>;
  setShadow(station: string, shadow: ShadowRequest | null, by?: ChangedBy): Promise<void>;
}

/** A part of the control plane with routes, timers or an ear for what stations send; it is wired in `start-features.ts`. */
export interface Feature {
  addRoutes?(app: App): void;
  /** After each commit of telemetry. Must not throw, and must not take long. */
  onCommitted?(news: IngestNews): void;
  stop?(): void | Promise<void>;
}
