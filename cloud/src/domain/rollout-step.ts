/** What a step of a rollout gives, and how a rule ends one. */
import type { ReleaseRef } from '@pomona/wire';
import type { ShadowOrderGiven } from './rollout-shadow.ts';
import type { RolloutSpec, RolloutState } from './rollout-state.ts';

/** What a station should be told. Safe to give twice. */
export type Order = ShadowOrderGiven | { readonly station: string; readonly release: ReleaseRef | null };

export interface RolloutNote {
  readonly kind: string;
  readonly actor: string;
  readonly reason: string;
}

export interface RolloutStep {
  readonly state: RolloutState;
  readonly orders: readonly Order[];
  readonly notes: readonly RolloutNote[];
}

export const ruleActor = 'rule';
/** So that one tick stays short. */
export const ordersPerTickMax = 250;

export function same(state: RolloutState): RolloutStep {
  return { state, orders: [], notes: [] };
}

export function stop(spec: RolloutSpec, state: RolloutState, why: string): RolloutStep {
  if (spec.plan.onFailure === 'pause') {
    const notes = [{ kind: 'pause', actor: ruleActor, reason: why }];
    return { state: { ...state, status: 'paused', why }, orders: [], notes };
  }
  const notes = [{ kind: 'rollback', actor: ruleActor, reason: why }];
  return { state: { ...state, status: 'rolling-back', why }, orders: [], notes };
}
