import type { RolloutPlan } from '@pomona/wire';
import { isSettled, type Member, type Observed, type RolloutSpec } from './rollout-state.ts';

/** A station that is selected and has heard nothing yet. */
export function newMember(station: string, wave: number): Member {
  return {
    station,
    wave,
    outcome: 'waiting',
    reason: null,
    previous: null,
    sentAtMs: null,
    counterBefore: null,
    settledAtMs: null,
    awaySinceMs: null,
    quietEndedAtMs: null,
    before: null,
    wasDrifted: false,
    after: null,
    waived: false,
    restored: false,
  };
}

/**
 * What becomes of a station whose turn it is: sent, deferred while it is away, quiet in the quiet hours of its site,
 * rejected where it refuses the release.
 */
export function offer(
  member: Member,
  observed: Observed | undefined,
  spec: RolloutSpec,
  nowMs: number,
): Member {
  const { digest } = spec.release;
  if (!observed?.online) return member.outcome === 'deferred' ? member : { ...member, outcome: 'deferred' };
  if (observed.refused.includes(digest))
    return settle(
      member,
      'rejected',
      'the station refuses this release: it was rolled back there before',
      nowMs,
    );
  if (observed.quiet !== null) return hush(member, observed.quiet);
  const { desired, update, running, isDrifted, figures } = observed;
  // An agent that gave the release up tries it again only after a new order.
  const gaveUp = update?.digest === digest && ['failed', 'rolled-back'].includes(update.state);
  const hasOrder = desired?.release?.digest === digest && !gaveUp;
  return {
    ...member,
    outcome: 'sent',
    reason: null,
    previous: desired?.release ?? running,
    sentAtMs: nowMs,
    counterBefore: hasOrder ? null : (desired?.counter ?? 0),
    before: figures,
    wasDrifted: isDrifted,
  };
}

/** The order was meant to be given and was not: the program ended in between, or the store was busy. */
export function needsOrder(member: Member, observed: Observed | undefined): boolean {
  if (member.counterBefore === null || observed === undefined || isSettled(member)) return false;
  return (observed.desired?.counter ?? 0) === member.counterBefore;
}

/** What a station that was sent the release has made of it by now. The same member when nothing has changed. */
export function observe(
  member: Member,
  observed: Observed | undefined,
  { release, plan }: RolloutSpec,
  nowMs: number,
): Member {
  if (member.sentAtMs === null || observed === undefined) return member;
  const heard = member.counterBefore === null || observed.heardCounter > member.counterBefore;
  const { update } = observed;
  const isOurs = heard && update?.digest === release.digest;
  const isRunning = isOurs && update.state === 'active' && observed.running?.digest === release.digest;
  // Later than we waited for it is still there.
  if (isRunning && ['sent', 'updating', 'quiet', 'timed-out', 'lost'].includes(member.outcome))
    return { ...settle(member, 'succeeded', null, nowMs), after: observed.figures };
  if (isSettled(member)) return member;
  if (isReplaced(member, observed, release.digest))
    return settle(member, 'failed', 'another order replaced this one', nowMs);
  if (isOurs && update.state === 'rolled-back')
    return settle(member, 'failed', `the station rolled back: ${update.reason ?? 'no reason given'}`, nowMs);
  if (isOurs && update.state === 'failed' && !update.retry)
    return settle(member, 'failed', update.reason ?? 'the update failed', nowMs);
  if (observed.quiet !== null && mustFetch(observed, release.digest)) return hush(member, observed.quiet);
  return expire(followUp(member, observed, heard, nowMs), plan, nowMs);
}

/** Its time does not run while it waits; nor is it lost, for a site may be switched off for the day. */
function hush(member: Member, reason: string): Member {
  if (member.outcome === 'quiet' && member.reason === reason) return member;
  return { ...member, outcome: 'quiet', reason, awaySinceMs: null };
}

/** What has all of the release goes on in quiet hours: it needs nothing of the network any more. */
function mustFetch({ update }: Observed, digest: string): boolean {
  if (update?.digest !== digest) return true;
  return ['idle', 'planned', 'fetching', 'failed'].includes(update.state);
}

function isReplaced({ counterBefore }: Member, { desired }: Observed, digest: string): boolean {
  if (desired === null || desired.release?.digest === digest) return false;
  return counterBefore === null || desired.counter > counterBefore;
}

function followUp(member: Member, observed: Observed, heard: boolean, nowMs: number): Member {
  if (member.outcome === 'quiet') {
    const awake: Member = { ...member, outcome: 'sent', reason: null, quietEndedAtMs: nowMs };
    return followUp(awake, observed, heard, nowMs);
  }
  const outcome = heard ? 'updating' : 'sent';
  const awaySinceMs = observed.online ? null : (member.awaySinceMs ?? nowMs);
  if (outcome === member.outcome && awaySinceMs === member.awaySinceMs) return member;
  return { ...member, outcome, awaySinceMs };
}

function expire(member: Member, plan: RolloutPlan, nowMs: number): Member {
  const { outcome, awaySinceMs, sentAtMs, quietEndedAtMs } = member;
  if (outcome === 'updating' && awaySinceMs !== null && nowMs - awaySinceMs >= plan.lostS * 1_000)
    return settle(member, 'lost', `away for ${plan.lostS} s after it took the release`, nowMs);
  const sinceMs = Math.max(sentAtMs ?? nowMs, quietEndedAtMs ?? 0);
  if (nowMs - sinceMs >= plan.stationTimeoutS * 1_000)
    return settle(member, 'timed-out', `not done within ${plan.stationTimeoutS} s`, nowMs);
  return member;
}

function settle(member: Member, outcome: Member['outcome'], reason: string | null, nowMs: number): Member {
  return { ...member, outcome, reason, settledAtMs: nowMs };
}
