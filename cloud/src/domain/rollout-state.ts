import type {
  RecentFruits,
  ReleaseRef,
  RolloutPlan,
  RolloutStatus,
  ShadowFigures,
  ShadowReport,
  StationOutcome,
  UpdateStateName,
} from '@pomona/wire';
import type { ShadowPhase, ShadowStanding } from './rollout-shadow.ts';

/** What is known of a station now. */
export interface Observed {
  readonly station: string;
  readonly online: boolean;
  /** That it waits for the quiet hours of its site to end, in words; null when none are. */
  readonly quiet: string | null;
  readonly update: {
    readonly state: UpdateStateName;
    readonly digest: string | null;
    readonly reason: string | null;
    /** A failure after which the agent tries again by itself. */
    readonly retry: boolean;
  } | null;
  readonly running: ReleaseRef | null;
  /** The last order that the station says it has. */
  readonly heardCounter: number;
  readonly refused: readonly string[];
  readonly desired: { readonly counter: number; readonly release: ReleaseRef | null } | null;
  /** Of the candidate that runs silently beside; left out where nobody asked. */
  readonly shadow?: {
    /** The digest that it is told to run so. */
    readonly desired: string | null;
    /** What the station says of it; undefined where its agent knows of no shadow. */
    readonly reported:
      | { readonly digest: string; readonly state: ShadowReport['state']; readonly reason: string | null }
      | null
      | undefined;
    readonly figures: ShadowFigures | null;
  };
  /** An alert is open which says that the model it runs does not know its fruit. */
  readonly isDrifted: boolean;
  readonly figures: Figures;
}

export interface Figures {
  /** Fruits over the station's life: counts that only grow. */
  readonly grades: Readonly<Record<string, number>>;
  readonly fruitsPerSecond: number;
  /** How its newest fruit fared with their deadlines; null, or left out by an earlier program, where nothing is known. */
  readonly recent?: RecentFruits | null;
}

export interface Member {
  readonly station: string;
  readonly wave: number;
  readonly outcome: StationOutcome;
  readonly reason: string | null;
  /** What the station was to run before; for going back. */
  readonly previous: ReleaseRef | null;
  readonly sentAtMs: number | null;
  /** The station's order before ours; null when it already had ours. Nobody gave it while the counter is this one. */
  readonly counterBefore: number | null;
  readonly settledAtMs: number | null;
  readonly awaySinceMs: number | null;
  /** When the quiet hours that it last waited for were over: from there it is given its time anew. Left out by an earlier program. */
  readonly quietEndedAtMs?: number | null;
  readonly before: Figures | null;
  /** The release before did not know its fruit, so how it graded it says little. Left out by an earlier program. */
  readonly wasDrifted?: boolean;
  /** When it had the release running. */
  readonly after: Figures | null;
  /** A person saw what the health gate said of it and went on. */
  readonly waived: boolean;
  readonly restored: boolean;
  /** It is of the shadow phase. */
  readonly shadow?: ShadowStanding;
}

export interface RolloutSpec {
  readonly release: ReleaseRef;
  readonly plan: RolloutPlan;
}

export interface RolloutState {
  readonly status: RolloutStatus;
  readonly why: string | null;
  /** It does not keep to quiet hours. Left out by an earlier program. */
  readonly now?: boolean;
  /** Left out where the plan has none. */
  readonly shadow?: ShadowPhase;
  /** What it is once no station is told to run the candidate silently any more; it is `rolling-back` until then. */
  readonly ending?: 'cancelled';
  readonly wave: number;
  readonly waves: readonly number[];
  readonly waveBeganAtMs: number;
  readonly waveSettledAtMs: number | null;
  /** Sends of the minute that began then. */
  readonly minute: { readonly beganAtMs: number; readonly sends: number };
  /** Failures that a person saw and went on. */
  readonly acceptedFailures: number;
  /** The wave whose verdict a person saw and went on; -1 for none. */
  readonly acceptedWave: number;
  readonly members: readonly Member[];
}

export const settledOutcomes: readonly StationOutcome[] = [
  'succeeded',
  'failed',
  'rejected',
  'timed-out',
  'lost',
];
export const failedOutcomes: readonly StationOutcome[] = ['failed', 'rejected', 'timed-out', 'lost'];
const terminalStatuses: readonly RolloutStatus[] = ['done', 'cancelled', 'rolled-back'];

export function isTerminal(status: RolloutStatus): boolean {
  return terminalStatuses.includes(status);
}

export function isSettled({ outcome }: Member): boolean {
  return settledOutcomes.includes(outcome);
}

export function countFailures(members: readonly Member[]): number {
  return members.filter(({ outcome }) => failedOutcomes.includes(outcome)).length;
}
