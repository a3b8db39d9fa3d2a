/**
 * A rollout brings one release to the stations that were selected when it was made, wave by wave.
 *
 * | status         | tick                                                          | pause  | resume  | cancel    | rollback     |
 * |----------------|---------------------------------------------------------------|--------|---------|-----------|--------------|
 * | `running`      | shadow: nothing is sent until it has passed; then next wave, `done`; too many failures, or health: `paused` or `rolling-back` | `paused` | – | `cancelled` | `rolling-back` |
 * | `paused`       | outcomes go on, nothing is sent                                | –      | `running` | `cancelled` | `rolling-back` |
 * | `rolling-back` | each station that was sent it gets its previous release; then `rolled-back` | – | – | – | – |
 * | `rolled-back`, `done`, `cancelled` | –                                         | –      | –       | –         | –            |
 *
 * `now`, while it runs or is paused, ends its keeping to quiet hours and changes no status. What is cancelled in its shadow phase (`rollout-shadow.ts`) is
 * `rolling-back` until no station is told of the candidate any more, and a pause ends its shadows as well.
 *
 * Invariants: an order goes to members alone, and to no wave before the one ahead of it has its verdict. What `step` returns
 * is stored before its actions run, and an action that did not run is asked for again by the next tick, because the
 * station's desired counter still stands where it stood (`needsOrder`). So a restart at any moment changes nothing.
 */
import { counted, type RolloutActionName, type RolloutStatus } from '@pomona/wire';
import { healthTrouble } from './rollout-health.ts';
import { needsOrder, newMember, observe, offer } from './rollout-member.ts';
import { failureLimit, waveSizes } from './rollout-plan.ts';
import {
  endShadows,
  hasShadows,
  isShadowing,
  resumeShadows,
  type ShadowOrderGiven,
  shadowSize,
  withShadow,
} from './rollout-shadow.ts';
import { beginCanary, tickShadow } from './rollout-shadow-turn.ts';
import {
  countFailures,
  isSettled,
  isTerminal,
  type Observed,
  type RolloutSpec,
  type RolloutState,
} from './rollout-state.ts';
import { type Order, ordersPerTickMax, type RolloutStep, ruleActor, same, stop } from './rollout-step.ts';

export type RolloutEvent =
  | { readonly kind: 'tick'; readonly observed: ReadonlyMap<string, Observed> }
  | { readonly kind: RolloutActionName; readonly actor: string; readonly reason: string };

const allowed: Readonly<Record<RolloutActionName, readonly RolloutStatus[]>> = {
  pause: ['running'],
  resume: ['paused'],
  cancel: ['running', 'paused'],
  rollback: ['running', 'paused'],
  now: ['running', 'paused'],
};

export function isAllowed(action: RolloutActionName, status: RolloutStatus): boolean {
  return allowed[action].includes(status);
}

/** `stations` in the order in which they are to get it. */
export function beginRollout(
  spec: RolloutSpec,
  stations: readonly string[],
  nowMs: number,
  now = false,
): RolloutState {
  const waves = waveSizes(spec.plan, stations.length);
  const waveOf = waves.flatMap((size, wave) => Array.from({ length: size }, () => wave));
  const shadows = shadowSize(spec.plan, waves, stations.length);
  const members = stations.map((station, index) => newMember(station, waveOf[index] ?? 0));
  return {
    status: 'running',
    why: null,
    now,
    wave: 0,
    waves,
    waveBeganAtMs: nowMs,
    waveSettledAtMs: null,
    minute: { beganAtMs: nowMs, sends: 0 },
    acceptedFailures: 0,
    acceptedWave: -1,
    ...(shadows > 0 && { shadow: { beganAtMs: nowMs, endedAtMs: null, isJudged: false } }),
    members: members.map((member, index) => (index < shadows ? withShadow(member) : member)),
  };
}

/** An event that the state does not allow changes nothing. */
export function step(
  spec: RolloutSpec,
  state: RolloutState,
  event: RolloutEvent,
  nowMs: number,
): RolloutStep {
  if (event.kind === 'tick')
    return isTerminal(state.status) ? same(state) : tick(spec, state, event.observed, nowMs);
  if (!isAllowed(event.kind, state.status)) return same(state);
  const note = { kind: event.kind, actor: event.actor, reason: event.reason };
  const why = `${event.reason} (${event.actor})`;
  switch (event.kind) {
    case 'pause':
      return { state: { ...state, status: 'paused', why }, orders: [], notes: [note] };
    case 'resume':
      return { state: resume(spec, state, nowMs), orders: [], notes: [note] };
    case 'cancel':
      return { state: cancel({ ...state, why }), orders: [], notes: [note] };
    case 'rollback':
      return { state: { ...state, status: 'rolling-back', why }, orders: [], notes: [note] };
    case 'now':
      return { state: { ...state, now: true }, orders: [], notes: [note] };
    default:
      return assertNever(event);
  }
}

function cancel(state: RolloutState): RolloutState {
  return hasShadows(state)
    ? { ...state, status: 'rolling-back', ending: 'cancelled' }
    : { ...state, status: 'cancelled' };
}

/** Who resumes has read why it paused: the same facts do not pause it again. */
function resume({ plan }: RolloutSpec, before: RolloutState, nowMs: number): RolloutState {
  if (isShadowing(before)) {
    const again = { ...before, status: 'running' as const, why: null };
    return before.shadow?.isJudged
      ? beginCanary(again, nowMs)
      : { ...again, members: resumeShadows(again.members) };
  }
  const state = before;
  const members = state.members.filter(({ wave }) => wave === state.wave);
  const isComplete = members.every((member) => isSettled(member) || member.outcome === 'deferred');
  const gaveUpWaiting = nowMs - state.waveBeganAtMs >= plan.deferS * 1_000;
  const isJudged = isComplete && (gaveUpWaiting || countFailures(members) > 0);
  const isFlagged = (member: RolloutState['members'][number]) => member.after !== null && !member.waived;
  return {
    ...state,
    status: 'running',
    why: null,
    acceptedFailures: countFailures(state.members),
    acceptedWave: isJudged ? state.wave : state.acceptedWave,
    members: state.members.map((member) => (isFlagged(member) ? { ...member, waived: true } : member)),
  };
}

function tick(
  spec: RolloutSpec,
  before: RolloutState,
  seen: ReadonlyMap<string, Observed>,
  nowMs: number,
): RolloutStep {
  const observed = before.now ? awake(seen) : seen;
  if (before.status === 'rolling-back') return goBack(spec, before, observed);
  if (isShadowing(before)) return tickShadow(spec, before, observed, nowMs);
  const ends = endShadows(spec, before, observed);
  const next = tickWaves(spec, ends.length === 0 ? withoutShadows(before) : before, observed, nowMs);
  if (ends.length === 0) return next;
  // It does not end before they are told.
  return isTerminal(next.state.status)
    ? { state: before, orders: ends, notes: [] }
    : { ...next, orders: withoutDouble(ends, next.orders) };
}

function withoutShadows(state: RolloutState): RolloutState {
  const { shadow } = state;
  return shadow === undefined || shadow.isCleared
    ? state
    : { ...state, shadow: { ...shadow, isCleared: true } };
}

/** A station that is sent the candidate is told by that. */
function withoutDouble(ends: readonly ShadowOrderGiven[], orders: readonly Order[]): readonly Order[] {
  const ordered = new Set(orders.map(({ station }) => station));
  return [...orders, ...ends.filter(({ station }) => !ordered.has(station))];
}

function tickWaves(
  spec: RolloutSpec,
  before: RolloutState,
  observed: ReadonlyMap<string, Observed>,
  nowMs: number,
): RolloutStep {
  const members = before.members.map((member) => observe(member, observed.get(member.station), spec, nowMs));
  const changed = members.some((member, index) => member !== before.members[index]);
  const state = changed ? { ...before, members } : before;
  if (state.status === 'paused') return same(state);
  const stopped = stopForFailures(spec, state) ?? stopForHealth(spec, state, observed, nowMs);
  if (stopped) return stopped;
  const judged = judgeWave(spec, state, nowMs);
  if (judged.state.status !== 'running') return judged;
  const sent = send(spec, judged.state, observed, nowMs);
  return { ...sent, notes: [...judged.notes, ...sent.notes] };
}

function awake(observed: ReadonlyMap<string, Observed>): ReadonlyMap<string, Observed> {
  return new Map([...observed].map(([station, now]) => [station, { ...now, quiet: null }]));
}

function stopForFailures(spec: RolloutSpec, state: RolloutState): RolloutStep | undefined {
  const failures = countFailures(state.members);
  const limit = failureLimit(spec.plan, state.members.length);
  if (failures - state.acceptedFailures <= limit) return undefined;
  const newest = state.members.findLast((member) => isSettled(member) && member.outcome !== 'succeeded');
  const detail = newest ? `, ${newest.station}: ${newest.outcome}, ${newest.reason}` : '';
  const since = state.acceptedFailures > 0 ? ` since it was resumed` : '';
  return stop(
    spec,
    state,
    `${failures - state.acceptedFailures} of ${counted(state.members.length, 'station')} failed${since}, ${limit} may${detail}`,
  );
}

function stopForHealth(
  spec: RolloutSpec,
  state: RolloutState,
  observed: ReadonlyMap<string, Observed>,
  nowMs: number,
): RolloutStep | undefined {
  const { plan } = spec;
  if (plan.health === null) return undefined;
  const online = state.members.flatMap((member) => {
    const now = observed.get(member.station);
    return now?.online ? [{ member, figures: now.figures, isDrifted: now.isDrifted }] : [];
  });
  const others = online.filter(({ member }) => member.sentAtMs === null).map(({ figures }) => figures);
  for (const { member, figures } of online) {
    if (member.outcome !== 'succeeded' || member.waived) continue;
    const known = () =>
      online.filter((each) => each.member !== member && !each.isDrifted && each.member.wasDrifted !== true);
    const trouble = healthTrouble(plan.health, member, figures, {
      release: spec.release,
      others,
      knownFruit: () => known().map((each) => each.figures),
      nowMs,
    });
    if (trouble !== undefined) return stop(spec, state, `${member.station} ${trouble}`);
  }
  return undefined;
}

/** A wave whose stations all have an outcome and that was watched for its soak lets the next one begin. */
function judgeWave(spec: RolloutSpec, state: RolloutState, nowMs: number): RolloutStep {
  const { plan } = spec;
  const members = state.members.filter(({ wave }) => wave === state.wave);
  const settled = members.filter(isSettled);
  const deferred = members.filter(({ outcome }) => outcome === 'deferred').length;
  if (settled.length + deferred < members.length) return same(withSettled(state, null));
  const since = state.waveSettledAtMs ?? nowMs;
  const watched = withSettled(state, since);
  if (nowMs - since < plan.soakS * 1_000) return same(watched);
  const gaveUpWaiting = nowMs - state.waveBeganAtMs >= plan.deferS * 1_000;
  const successes = settled.filter(({ outcome }) => outcome === 'succeeded').length;
  if (state.acceptedWave !== state.wave) {
    const needed = Math.min(plan.successesMin, members.length);
    if (successes < needed && deferred > 0 && !gaveUpWaiting) return same(watched);
    if (successes < needed || successes < plan.successShare * settled.length)
      return stop(spec, watched, describeWave(state, successes, settled.length, deferred, plan, needed));
  }
  if (state.wave + 1 < state.waves.length) {
    const next = state.wave + 1;
    const note = {
      kind: 'wave',
      actor: ruleActor,
      reason: `wave ${next + 1} of ${state.waves.length} begins`,
    };
    return {
      state: { ...state, wave: next, waveBeganAtMs: nowMs, waveSettledAtMs: null },
      orders: [],
      notes: [note],
    };
  }
  return finish(watched, gaveUpWaiting);
}

function withSettled(state: RolloutState, waveSettledAtMs: number | null): RolloutState {
  return state.waveSettledAtMs === waveSettledAtMs ? state : { ...state, waveSettledAtMs };
}

function describeWave(
  state: RolloutState,
  successes: number,
  settled: number,
  deferred: number,
  { successShare }: RolloutSpec['plan'],
  needed: number,
): string {
  const share = `${Math.round(successShare * 100)} %`;
  const away = deferred > 0 ? `, ${deferred} offline` : '';
  return `wave ${state.wave + 1}: ${successes} of ${counted(settled, 'station')} succeeded${away}; ${share} and at least ${needed} must`;
}

/** Stations of any wave that are still busy or still away keep it running, the latter for as long as the plan waits. */
function finish(state: RolloutState, gaveUpWaiting: boolean): RolloutStep {
  const open = state.members.filter((member) => !isSettled(member));
  const deferred = open.filter(({ outcome }) => outcome === 'deferred').length;
  if (open.length > deferred || (deferred > 0 && !gaveUpWaiting)) return same(state);
  const reason =
    deferred > 0
      ? `${counted(deferred, 'station')} ${deferred === 1 ? 'was' : 'were'} offline all the time`
      : 'every station has an outcome';
  return {
    state: { ...state, status: 'done' },
    orders: [],
    notes: [{ kind: 'done', actor: ruleActor, reason }],
  };
}

function send(
  spec: RolloutSpec,
  state: RolloutState,
  observed: ReadonlyMap<string, Observed>,
  nowMs: number,
): RolloutStep {
  const isNewMinute = nowMs - state.minute.beganAtMs >= 60_000;
  const minute = isNewMinute ? { beganAtMs: nowMs, sends: 0 } : state.minute;
  let sends = minute.sends;
  let changed = false;
  const orders: Order[] = [];
  const members = state.members.map((member) => {
    const now = observed.get(member.station);
    const hasTurn =
      member.wave <= state.wave &&
      member.sentAtMs === null &&
      ['waiting', 'deferred', 'quiet'].includes(member.outcome);
    const mayOrder = orders.length < ordersPerTickMax;
    if (!hasTurn) {
      if (mayOrder && needsOrder(member, now))
        orders.push({ station: member.station, release: spec.release });
      return member;
    }
    if (!mayOrder || sends >= spec.plan.sendsPerMinute) return member;
    const next = offer(member, now, spec, nowMs);
    changed ||= next !== member;
    if (next.outcome === 'sent') sends++;
    if (needsOrder(next, now)) orders.push({ station: member.station, release: spec.release });
    return next;
  });
  return { state: changed ? { ...state, members, minute: { ...minute, sends } } : state, orders, notes: [] };
}

/** A station that meanwhile has an order from elsewhere is left alone. */
function goBack(
  spec: RolloutSpec,
  state: RolloutState,
  observed: ReadonlyMap<string, Observed>,
): RolloutStep {
  const ends = endShadows(spec, state, observed);
  if (state.ending === 'cancelled')
    return ends.length > 0
      ? { state, orders: ends, notes: [] }
      : { state: { ...state, status: 'cancelled' }, orders: [], notes: [] };
  const orders: Order[] = [...ends];
  let changed = false;
  let open = ends.length;
  const members = state.members.map((member) => {
    if (member.sentAtMs === null || member.restored) return member;
    const now = observed.get(member.station);
    const isBack = now?.desired?.release?.digest !== spec.release.digest;
    if (isBack || member.previous?.digest === spec.release.digest) {
      changed = true;
      return { ...member, restored: true };
    }
    open++;
    if (orders.length < ordersPerTickMax) orders.push({ station: member.station, release: member.previous });
    return member;
  });
  const next = changed ? { ...state, members } : state;
  if (open > 0) return { state: next, orders, notes: [] };
  return {
    state: { ...next, status: 'rolled-back' },
    orders: [],
    notes: [{ kind: 'rolled-back', actor: ruleActor, reason: 'every station has its earlier order again' }],
  };
}

function assertNever(value: never): never {
  throw new Error(`unexpected ${JSON.stringify(value)}`);
}
