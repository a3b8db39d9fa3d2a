/** How a desired state becomes the next piece of work, and how a station comes back to it. */
import type { Recipe, ReleaseRef } from '@pomona/wire';
import { type Action, type Step, workOf } from './update-events.ts';
import {
  type Running,
  reusedOf,
  type TargetedUpdate,
  type Update,
  type UpdateState,
} from './update-state.ts';

/** The oldest refusal is forgotten. */
const refusedMax = 64;

export function same(state: UpdateState, actions: readonly Action[] = []): Step {
  return { state, actions };
}

/** Goes over to `update` and begins its work, after `before`. */
export function enter(state: UpdateState, update: Update, before: readonly Action[] = []): Step {
  const next = update === state.update ? state : { ...state, update };
  const work = workOf(next);
  return { state: next, actions: work === undefined ? before : [...before, work] };
}

/** Begins what is desired, unless it is under way or there. Not during a probation, which has to come to its end. */
export function pursue(state: UpdateState, before: readonly Action[] = []): Step {
  const { desired, running, update } = state;
  if (desired === null) return same(state, before);
  const { release, recipe } = desired;
  const stop: Action[] = [...before, { kind: 'stop-work' }];
  if (release === null) return enter(state, { state: 'idle' }, stop);
  const runsIt = running?.release.digest === release.digest;
  const setRecipe: Action[] =
    runsIt && !sameRecipe(running.recipe, recipe) ? [{ kind: 'set-recipe', recipe }] : [];
  const refusal = state.refused?.find(({ digest }) => digest === release.digest);
  const target = { release, tries: 0, fetchedBytes: 0, totalBytes: 0 };
  if (refusal !== undefined) {
    const reason = `it was rolled back here and is refused until it is desired with retry: ${refusal.reason}`;
    return enter(state, { state: 'rolled-back', ...target, reason }, [...stop, ...setRecipe]);
  }
  if (runsIt && running.unproven === true)
    return enter(state, { state: 'probation', ...target, ...choiceOf(running), starts: 1 }, stop);
  if (runsIt) return enter(state, activeUpdate(release, update), [...stop, ...setRecipe]);
  // Work that is under way for this release goes on; the recipe is read when it is about to run.
  if (isWorking(update) && update.release.digest === release.digest) return same(state, before);
  return plan(state, release, 0, before);
}

/** Takes up what was desired while a probation was under way, or goes on with the work of the state. */
export function settle(state: UpdateState, before: readonly Action[] = []): Step {
  const { desired, update } = state;
  if (update.state === 'probation') return enter(state, update, before);
  const about = update.state === 'idle' ? undefined : update.release.digest;
  if (desired === null || (about === desired.release?.digest && update.state !== 'active'))
    return enter(state, update, before);
  return pursue(state, before);
}

export function plan(
  state: UpdateState,
  release: ReleaseRef,
  tries: number,
  before: readonly Action[] = [],
): Step {
  const keep = [release, state.running?.release, state.previous?.release].flatMap(
    (each) => each?.digest ?? [],
  );
  return enter(state, { state: 'planned', release, tries, fetchedBytes: 0, totalBytes: 0 }, [
    ...before,
    { kind: 'stop-work' },
    { kind: 'clean', keep },
  ]);
}

/** Runs what should be running, of which nobody knows whether it does; `settle` comes after it. */
export function restore(state: UpdateState): Step {
  const { running } = state;
  return running === null ? settle(state) : same(state, [{ kind: 'restore', running }]);
}

export function refuse(state: UpdateState, digest: string, reason: string): UpdateState {
  const others = lift(state, digest).refused ?? [];
  return { ...state, refused: [...others, { digest, reason }].slice(-refusedMax) };
}

export function lift(state: UpdateState, digest: string): UpdateState {
  if (state.refused === undefined) return state;
  return { ...state, refused: state.refused.filter((each) => each.digest !== digest) };
}

export function activeUpdate(release: ReleaseRef, before: Update): Extract<Update, { state: 'active' }> {
  if (before.state === 'active' && before.release.digest === release.digest) return before;
  const known = before.state !== 'idle' && before.release.digest === release.digest ? before : undefined;
  const totalBytes = known?.totalBytes ?? 0;
  const reused = known === undefined ? {} : reusedOf(known);
  return { state: 'active', release, tries: 0, fetchedBytes: totalBytes, ...reused, totalBytes };
}

export function isWorking(
  update: Update,
): update is Exclude<TargetedUpdate, { state: 'active' | 'failed' | 'rolled-back' }> {
  return !['idle', 'active', 'failed', 'rolled-back'].includes(update.state);
}

export function sameRecipe(a: Recipe, b: Recipe): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

export function choiceOf({ variant, why }: Pick<Running, 'variant' | 'why'>) {
  return why === undefined ? { variant } : { variant, why };
}
