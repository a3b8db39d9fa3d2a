/** The tables as kysely sees them. Instants are milliseconds since 1970, JSON is text, booleans are 0 or 1. */

import type { Generated } from '@pomona/kysely';
import type { Role } from '@pomona/wire';
import type { PhotographRow } from './photograph-row.ts';

export interface Tables {
  pomona_schema: { version: number };
  stations: StationRow;
  boots: { id: Generated<number>; station_id: number; boot: string };
  claims: ClaimRow;
  releases: { id: Generated<number>; name: string; version: number; digest: string; labels: string };
  fruits: FruitRow;
  fruit_rollups: { bucket: number; station_id: number; grade: string; count: number };
  fruit_totals: { station_id: number; grade: string; count: number };
  health_records: {
    id: Generated<number>;
    station_id: number;
    boot_id: number;
    seq: number;
    received_at: number;
    body: string;
  };
  samples: SampleRow;
  sample_labels: {
    id: Generated<number>;
    sample_id: number;
    at: number;
    actor: string;
    label: string | null;
    kind: Generated<string>;
    source: Generated<string>;
    /** The label that held until then, and whose it was. */
    label_before: string | null;
    actor_before: string | null;
  };
  photographs: PhotographRow;
  sample_parts: {
    station_id: number;
    /** Of the characters of the sample's JSON. */
    start: number;
    end: number;
    boot: string;
    seq: number;
    /** Of the whole. */
    digest: string;
    received_at: number;
    text: string;
  };
  file_removals: { digest: string };
  quarantine: QuarantineRow;
  desired: {
    station_id: number;
    counter: number;
    at: number;
    body: string;
    envelope: string;
    own_recipe: string | null;
  };
  dataset_versions: { name: string; digest: string; created_at: string; body: string };
  model_versions: { name: string; version: number; digest: string; created_at: string; body: string };
  jobs: JobRow;
  training_runs: TrainingRunRow;
  model_aliases: { name: string; alias: string; version: number; at: number; actor: string };
  model_log: {
    id: Generated<number>;
    at: number;
    name: string;
    actor: string;
    action: string;
    reason: string;
    detail: string;
  };
  project_settings: { version: number; at: number; actor: string; body: string; reason: string | null };
  desired_log: {
    id: Generated<number>;
    station_id: number;
    at: number;
    counter: number;
    release: string | null;
    actor: string;
    reason: string;
  };
  station_runs: {
    id: Generated<number>;
    station_id: number;
    /** When it began, by the station's word where that can be right. */
    at: number;
    received_at: number;
    release: string | null;
    variant: string | null;
  };
  site_deliveries: {
    id: Generated<number>;
    site: string;
    at: number;
    actor: string;
    reason: string;
    body: string;
  };
  readers: { user: string; salt: string; hash: string; channels: string; created_at: number };
  users: UserRow;
  sessions: SessionRow;
  api_tokens: ApiTokenRow;
  access_links: AccessLinkRow;
  rejections: {
    station: string;
    channel: string;
    cause: string;
    count: number;
    last_at: number;
    detail: string;
  };
  alerts: AlertRow;
  webhooks: WebhookRow;
  webhook_deliveries: WebhookDeliveryRow;
  drift_windows: DriftWindowRow;
  rollouts: RolloutRow;
  rollout_stations: { rollout_id: number; position: number; station: string; body: string };
  rollout_events: RolloutEventRow;
  rollout_shadows: RolloutShadowRow;
  retrain_proposals: RetrainProposalRow;
}

export interface UserRow {
  name: string;
  role: Role;
  salt: string;
  hash: string;
  created_at: number;
}

export interface SessionRow {
  token_sha256: string;
  /** Whose role is asked for each time; null of a session that a link began. */
  user_name: string | null;
  name: string;
  role: Role;
  seen_at: number;
  expires_at: number;
}

export interface ApiTokenRow {
  id: string;
  token_sha256: string;
  name: string;
  role: Role;
  created_by: string;
  created_at: number;
  expires_at: number;
}

export interface AccessLinkRow {
  token_sha256: string;
  purpose: 'setup' | 'sign-in';
  name: string;
  expires_at: number;
}

export interface AlertRow {
  id: Generated<number>;
  kind: string;
  severity: string;
  station: string | null;
  title: string;
  detail: string;
  evidence: string;
  opened_at: number;
  closed_at: number | null;
  acknowledged_at: number | null;
  acknowledged_by: string | null;
  note: string | null;
  /** JSON of what it said before it became critical. */
  before: string | null;
}

export interface WebhookRow {
  id: Generated<number>;
  url: string;
  /** Sealed. */
  secret: string;
  created_by: string;
  created_at: number;
}

export interface WebhookDeliveryRow {
  id: Generated<number>;
  webhook_id: number;
  delivery: string;
  event: string;
  /** As it is signed and sent, byte for byte. */
  body: string;
  state: 'waiting' | 'delivered' | 'failed';
  attempts: number;
  status: number | null;
  error: string | null;
  attempted_at: number | null;
  /** Null when it is not tried again. */
  next_at: number | null;
}

export interface DriftWindowRow {
  /** In the order of arrival. */
  id: Generated<number>;
  station_id: number;
  boot_id: number;
  seq: number;
  release_id: number;
  received_at: number;
  fruits: number;
  /** Of the table of bin edges. */
  edges: number;
  /** The message, JSON. */
  body: string;
}

export interface StationRow {
  id: Generated<number>;
  name: string;
  site: string;
  line: string;
  created_at: number;
  enrolled_at: number | null;
  certificate_serial: string | null;
  renewed_serial: string | null;
  last_seen_at: number | null;
  status: string | null;
  reported: string | null;
  health: string | null;
  /** When `status` and `health` came in. */
  status_at: number | null;
  health_at: number | null;
}

export interface ClaimRow {
  token_sha256: string;
  station_id: number;
  created_at: number;
  expires_at: number;
  used_at: number | null;
}

export interface FruitRow {
  /** In the order of arrival. */
  id: Generated<number>;
  boot_id: number;
  seq: number;
  station_id: number;
  release_id: number;
  recipe_version: number;
  at: number;
  received_at: number;
  lane: number;
  position_mm: number;
  grade: string;
  gate: number;
  outcome: string;
  probabilities: string;
  views: number;
  diameter_mm: number;
  colour: string;
  latency_ms: number;
  measures: string | null;
}

export interface SampleRow {
  id: Generated<number>;
  /** 0 of a photograph, as `boot_id`; its `seq` is its row of `photographs`, and what only a station knows is empty. */
  station_id: number;
  boot_id: number;
  seq: number;
  at: number;
  received_at: number;
  release_name: string;
  release_version: number;
  release_digest: string;
  labels: string;
  size: number;
  views: number;
  reason: string;
  fruit_seq: number;
  lane: number;
  grade: string;
  probabilities: string;
  /** 1 less the largest probability. */
  uncertainty: number;
  /** SHA-256 of the blob uint8 [views, size, size, 3]. */
  pixels: string;
  /** From here: what the sum of `sample_labels` is (`label-standing.ts`). */
  label: string | null;
  labelled_at: number | null;
  labelled_by: string | null;
  review: Generated<string>;
  second_label: string | null;
  second_by: string | null;
  /** JSON; null where the station did not tell. */
  view_votes: string | null;
  /** JSON; null where no candidate ran beside the model, or it gave the same grade. */
  candidate: string | null;
}

export interface QuarantineRow {
  id: Generated<number>;
  station_id: number;
  channel: string;
  boot: string;
  seq: number;
  received_at: number;
  cause: string;
  detail: string;
  body: string;
}

export interface JobRow {
  id: Generated<number>;
  kind: string;
  state: string;
  created_at: number;
  started_at: number | null;
  ended_at: number | null;
  heartbeat_at: number | null;
  runner: string | null;
  cancel_asked: number;
  actor: string;
  request: string;
  epochs: string;
  result: string | null;
  error: string | null;
}

export interface TrainingRunRow {
  id: Generated<number>;
  name: string;
  kind: string;
  state: string;
  job_id: number;
  started_at: number;
  ended_at: number | null;
  dataset_name: string;
  dataset_digest: string;
  code_revision: string;
  /** Of all that goes in. */
  inputs: string;
  asked: string;
  /** Parameters and environment, once the program says them. */
  begun: string | null;
  curve: string;
  /** Evaluations and artifacts. */
  outcome: string | null;
  digest: string | null;
  reproduces: number | null;
  error: string | null;
}

export interface RolloutRow {
  id: Generated<number>;
  created_at: number;
  actor: string;
  reason: string;
  release: string;
  query: string;
  plan: string;
  status: string;
  /** The state without its members. */
  state: string;
}

export interface RetrainProposalRow {
  id: Generated<number>;
  at: number;
  why: string;
  alert: number;
  model: string;
  state: string;
  decided_at: number | null;
  actor: string | null;
  reason: string | null;
  job: number | null;
}

export interface RolloutShadowRow {
  rollout_id: number;
  station_id: number;
  boot: string;
  seq: number;
  received_at: number;
  body: string;
}

export interface RolloutEventRow {
  id: Generated<number>;
  rollout_id: number;
  at: number;
  kind: string;
  actor: string;
  reason: string;
}
