/**
 * The phase before the canary: some stations run the candidate silently beside what they grade with, and no station is sent it.
 *
 *   waiting ─► sent ─► preparing ─► running      declined: the station cannot, which says nothing of the candidate
 *                 └───────┴────────────┴──────►  failed:   the candidate cannot, which ends the phase
 *
 * It ends well when every station that can has compared enough fruit, and it has lasted long enough; after `withinS` those that have
 * are enough. It ends badly at the first limit that the candidate is beyond at a station with enough fruit.
 */
import {
  counted,
  type RolloutPlan,
  type ShadowFigures,
  type ShadowPlan,
  type ShadowStandingName,
} from '@pomona/wire';
import type { Member, Observed, RolloutSpec, RolloutState } from './rollout-state.ts';
import { shadowTrouble } from './shadow-figures.ts';

export interface ShadowPhase {
  readonly beganAtMs: number;
  /** When the canary began; null while it goes on. */
  readonly endedAtMs: number | null;
  /** No station is told of the candidate any more. */
  readonly isCleared?: true;
  /** It has ended badly: who resumes has read why, and goes on to the canary. */
  readonly isJudged: boolean;
}

/** Of a station of the phase. */
export interface ShadowStanding {
  readonly state: ShadowStandingName;
  readonly reason: string | null;
  readonly sentAtMs: number | null;
  /** As in `Member`: nobody gave the order while the station's counter is this one. */
  readonly counterBefore: number | null;
  /** Since the rollout began. */
  readonly figures: ShadowFigures | null;
}

/** What a station is told of the candidate: to run it beside its release, or no more. */
export interface ShadowOrderGiven {
  readonly station: string;
  readonly shadow: { readonly samplesPerDayMax: number } | null;
}

export type ShadowVerdict =
  | { readonly kind: 'open' }
  | { readonly kind: 'passed' | 'stopped'; readonly why: string };

/** So that one tick stays short. */
const ordersAtOnceMax = 250;

const untold: ShadowStanding = {
  state: 'waiting',
  reason: null,
  sentAtMs: null,
  counterBefore: null,
  figures: null,
};

/** How many of the stations, the first ones, are of the phase. */
export function shadowSize({ shadow }: RolloutPlan, waves: readonly number[], stations: number): number {
  if (shadow === undefined) return 0;
  const wanted = shadow.stations < 1 ? Math.ceil(shadow.stations * stations) : Math.floor(shadow.stations);
  return Math.min(stations, wanted === 0 ? (waves[0] ?? 0) : wanted);
}

export function withShadow(member: Member): Member {
  return { ...member, shadow: untold };
}

/** Nothing is sent before it is over. */
export function isShadowing(state: RolloutState): boolean {
  return state.shadow !== undefined && state.shadow.endedAtMs === null;
}

/** A shadow order may be out there. */
export function hasShadows({ shadow: phase, members }: RolloutState): boolean {
  if (phase?.isCleared) return false;
  return members.some(({ shadow }) => shadow !== undefined && shadow.sentAtMs !== null);
}

/** After a pause they are told again; what was counted stays. */
export function resumeShadows(members: readonly Member[]): readonly Member[] {
  return members.map((member) =>
    member.shadow === undefined
      ? member
      : { ...member, shadow: { ...untold, figures: member.shadow.figures } },
  );
}

/** What became of the candidate at the stations of the phase; in a pause, which takes its orders back, only what was counted. The same members when nothing has changed. */
export function observeShadows(
  { release }: RolloutSpec,
  { members, status }: RolloutState,
  observed: ReadonlyMap<string, Observed>,
): readonly Member[] {
  const next = members.map((member) => {
    const now = observed.get(member.station);
    if (member.shadow === undefined || now === undefined) return member;
    const counted = withFigures(member.shadow, now.shadow?.figures ?? null);
    const shadow = status === 'paused' ? counted : follow(counted, now, release.digest);
    return shadow === member.shadow ? member : { ...member, shadow };
  });
  return next.some((member, index) => member !== members[index]) ? next : members;
}

/** Tells those that wait and can be told; what was to be told and was not is told again. */
export function offerShadows(
  { release, plan }: RolloutSpec,
  members: readonly Member[],
  observed: ReadonlyMap<string, Observed>,
  nowMs: number,
): { readonly members: readonly Member[]; readonly orders: readonly ShadowOrderGiven[] } {
  const orders: ShadowOrderGiven[] = [];
  const next = members.map((member) => {
    const now = observed.get(member.station);
    if (member.shadow === undefined || now === undefined) return member;
    const shadow =
      member.shadow.state === 'waiting' ? offer(member.shadow, now, release.digest, nowMs) : member.shadow;
    const isUntold = shadow.state === 'sent' && shadow.counterBefore === (now.desired?.counter ?? 0);
    if (isUntold && orders.length < ordersAtOnceMax)
      orders.push({
        station: member.station,
        shadow: { samplesPerDayMax: plan.shadow?.samplesPerDayMax ?? 0 },
      });
    return shadow === member.shadow ? member : { ...member, shadow };
  });
  return { members: next.some((member, index) => member !== members[index]) ? next : members, orders };
}

/** For stations that should run it no more and are still told to. */
export function endShadows(
  { release }: RolloutSpec,
  { members }: RolloutState,
  observed: ReadonlyMap<string, Observed>,
): readonly ShadowOrderGiven[] {
  return members
    .filter(({ station }) => observed.get(station)?.shadow?.desired === release.digest)
    .map(({ station }) => ({ station, shadow: null }));
}

export function judgeShadow(
  plan: ShadowPlan,
  phase: ShadowPhase,
  members: readonly Member[],
  nowMs: number,
): ShadowVerdict {
  const all = members.flatMap(({ station, shadow }) =>
    shadow === undefined ? [] : [{ station, ...shadow }],
  );
  const failed = all.find(({ state }) => state === 'failed');
  if (failed) return stopped(`${failed.station} cannot run it: ${failed.reason ?? 'no reason given'}`);
  const counting = all.filter(({ state }) => state !== 'declined');
  const ready = counting.filter(({ figures }) => hasEnough(plan, figures));
  for (const { station, figures } of ready) {
    const trouble = figures === null ? undefined : shadowTrouble(plan, figures);
    if (trouble !== undefined) return stopped(`at ${station} ${trouble}`);
  }
  if (counting.length === 0) {
    const [first] = all;
    return stopped(`no station can run it: ${first?.station}: ${first?.reason}`);
  }
  const lastedMs = nowMs - phase.beganAtMs;
  const isOverdue = lastedMs >= plan.withinS * 1_000;
  const isComplete = ready.length === counting.length && lastedMs >= plan.forS * 1_000;
  if (ready.length > 0 && (isComplete || isOverdue)) {
    const fruits = ready.reduce((sum, { figures }) => sum + (figures?.fruits ?? 0), 0);
    return {
      kind: 'passed',
      why: `${ready.length} of ${counted(all.length, 'station')} compared ${counted(fruits, 'fruit')}`,
    };
  }
  if (!isOverdue) return { kind: 'open' };
  const most = Math.max(...counting.map(({ figures }) => figures?.fruits ?? 0));
  return stopped(
    `no station compared ${counted(plan.fruitsMin, 'fruit')} within ${plan.withinS} s, the most were ${most}`,
  );
}

export function hasEnough({ fruitsMin }: ShadowPlan, figures: ShadowFigures | null): boolean {
  return figures !== null && figures.fruits >= fruitsMin;
}

function stopped(why: string): ShadowVerdict {
  return { kind: 'stopped', why: `shadow: ${why}` };
}

function withFigures(standing: ShadowStanding, figures: ShadowFigures | null): ShadowStanding {
  const isNew = figures !== null && JSON.stringify(figures) !== JSON.stringify(standing.figures);
  return isNew ? { ...standing, figures } : standing;
}

function offer(standing: ShadowStanding, now: Observed, digest: string, nowMs: number): ShadowStanding {
  if (now.refused.includes(digest))
    return settled(standing, 'failed', 'the station refuses this release: it was rolled back there before');
  const { desired } = now;
  if (desired?.release == null)
    return settled(standing, 'declined', 'it is to run no release beside which the candidate could');
  if (desired.release.digest === digest) return settled(standing, 'declined', 'it is to run it already');
  const wait = now.online ? now.quiet : 'it is offline';
  if (wait !== null) return standing.reason === wait ? standing : { ...standing, reason: wait };
  return { ...standing, state: 'sent', reason: null, sentAtMs: nowMs, counterBefore: desired.counter };
}

function follow(standing: ShadowStanding, now: Observed, digest: string): ShadowStanding {
  const { counterBefore, state } = standing;
  if (counterBefore === null || state === 'declined' || state === 'failed') return standing;
  const counter = now.desired?.counter ?? 0;
  if (counter > counterBefore && now.shadow?.desired !== digest)
    return settled(standing, 'declined', 'another order took the place of this one');
  if (now.heardCounter <= counterBefore) return standing;
  const reported = now.shadow?.reported;
  if (reported === undefined)
    return settled(
      standing,
      'declined',
      'its agent is from before there were shadows; it goes on with its release',
    );
  if (reported === null || reported.digest !== digest) return standing;
  const next = reported.state === 'waiting' ? 'preparing' : reported.state;
  if (next === state && reported.reason === standing.reason) return standing;
  return settled(standing, next, reported.reason);
}

function settled(standing: ShadowStanding, state: ShadowStandingName, reason: string | null): ShadowStanding {
  return { ...standing, state, reason };
}
