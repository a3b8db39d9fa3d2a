/** One look at a rollout in its shadow phase. */
import { endShadows, judgeShadow, observeShadows, offerShadows } from './rollout-shadow.ts';
import type { Observed, RolloutSpec, RolloutState } from './rollout-state.ts';
import { type RolloutStep, ruleActor, same, stop } from './rollout-step.ts';

export function tickShadow(
  spec: RolloutSpec,
  before: RolloutState,
  observed: ReadonlyMap<string, Observed>,
  nowMs: number,
): RolloutStep {
  const { shadow: phase } = before;
  const { shadow: plan } = spec.plan;
  if (plan === undefined || phase === undefined) return same(before);
  const members = observeShadows(spec, before, observed);
  const state = members === before.members ? before : { ...before, members };
  if (state.status === 'paused') return { state, orders: endShadows(spec, state, observed), notes: [] };
  const verdict = judgeShadow(plan, phase, members, nowMs);
  if (verdict.kind === 'stopped')
    return stop(spec, { ...state, shadow: { ...phase, isJudged: true } }, verdict.why);
  if (verdict.kind === 'passed') {
    const note = { kind: 'shadow', actor: ruleActor, reason: `${verdict.why}; the first wave begins` };
    return { state: beginCanary(state, nowMs), orders: [], notes: [note] };
  }
  const offered = offerShadows(spec, members, observed, nowMs);
  const changed = offered.members !== members ? { ...state, members: offered.members } : state;
  return { state: changed, orders: offered.orders, notes: [] };
}

export function beginCanary(state: RolloutState, nowMs: number): RolloutState {
  if (state.shadow === undefined) return state;
  return { ...state, waveBeganAtMs: nowMs, shadow: { ...state.shadow, endedAtMs: nowMs } };
}
