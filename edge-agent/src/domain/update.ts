/**
 * How a station comes to run what is desired of it:
 *
 *   idle ─► planned ─► fetching ─► verifying ─► staged ─► self-test ─► probation ─► active
 *              │           │            │          │          │             │
 *              └───────────┴─────── failed(reason) ┴──────────┘       rolled-back(reason)
 *
 * A desired state may come at any time and begins a new plan; `failed` begins again by itself where that can help. In
 * every working state one piece of work is under way, named by `workOf`; its end is an event. The state is on disk before
 * the work starts, and a start takes up the same work, so each piece of work can be done again from its beginning.
 *
 * Invariants: `running` changes only when the line has confirmed it; what ran before is kept; a desired state with a
 * counter that is not higher changes nothing, so a release that failed is not tried again until a newer one names it.
 */
import { assertNever, type Desired, type Recipe, type ReleaseRef } from '@pomona/wire';
import type { Running, TargetedUpdate, Update, UpdateState } from './update-state.ts';

export type UpdateEvent =
  | { readonly kind: 'started' }
  | { readonly kind: 'desired'; readonly desired: Desired }
  /** The metadata is proven and the manifest is there. */
  | { readonly kind: 'planned'; readonly totalBytes: number }
  | { readonly kind: 'progress'; readonly fetchedBytes: number }
  | { readonly kind: 'fetched' }
  | { readonly kind: 'verified' }
  | { readonly kind: 'staged' }
  | { readonly kind: 'tested'; readonly variant: string; readonly why?: string }
  | { readonly kind: 'ran'; readonly recipe: Recipe }
  /** The work under way ended badly. */
  | { readonly kind: 'failed'; readonly reason: string; readonly retryable: boolean }
  | { readonly kind: 'retry' }
  | { readonly kind: 'restore-failed'; readonly digest: string }
  | { readonly kind: 'recipe-set'; readonly recipe: Recipe }
  | { readonly kind: 'recipe-refused'; readonly recipe: Recipe; readonly reason: string };

/** One at a time; a new one takes the place of the one under way. */
export type Work =
  | { readonly kind: 'plan'; readonly release: ReleaseRef }
  | { readonly kind: 'fetch'; readonly release: ReleaseRef }
  | { readonly kind: 'verify'; readonly release: ReleaseRef }
  | { readonly kind: 'stage'; readonly release: ReleaseRef }
  | { readonly kind: 'self-test'; readonly release: ReleaseRef }
  | { readonly kind: 'run'; readonly release: ReleaseRef; readonly variant: string; readonly recipe: Recipe }
  | { readonly kind: 'wait'; readonly tries: number };

export type Action =
  | Work
  | { readonly kind: 'stop-work' }
  /** Runs again what ran before the agent was started. */
  | { readonly kind: 'restore'; readonly running: Running }
  | { readonly kind: 'set-recipe'; readonly recipe: Recipe }
  /** Removes all releases but these. */
  | { readonly kind: 'clean'; readonly keep: readonly string[] };

export interface Step {
  readonly state: UpdateState;
  readonly actions: readonly Action[];
}

/** A release that takes the agent down with it is given up after so many starts. */
const startsMax = 3;

export function step(state: UpdateState, event: UpdateEvent, nowMs: number): Step {
  const { update } = state;
  switch (event.kind) {
    case 'started':
      return resume(state);
    case 'desired':
      return take(state, event.desired);
    case 'planned':
      if (update.state !== 'planned') return same(state);
      return enter(state, { ...update, state: 'fetching', fetchedBytes: 0, totalBytes: event.totalBytes });
    case 'progress':
      if (update.state !== 'fetching') return same(state);
      return same({ ...state, update: { ...update, fetchedBytes: event.fetchedBytes } });
    case 'fetched':
      if (update.state !== 'fetching') return same(state);
      return enter(state, { ...update, state: 'verifying', fetchedBytes: update.totalBytes });
    case 'verified':
      return update.state === 'verifying' ? enter(state, { ...update, state: 'staged' }) : same(state);
    case 'staged':
      return update.state === 'staged' ? enter(state, { ...update, state: 'self-test' }) : same(state);
    case 'tested':
      if (update.state !== 'self-test') return same(state);
      return enter(state, { ...update, state: 'probation', ...choiceOf(event), starts: 1 });
    case 'ran':
      return update.state === 'probation' ? activate(state, update, event.recipe, nowMs) : same(state);
    case 'failed':
      return fail(state, event.reason, event.retryable);
    case 'retry':
      if (update.state !== 'failed' || !update.retry) return same(state);
      return plan(state, update.release, update.tries + 1);
    case 'restore-failed':
      return fallBack(state, event.digest);
    case 'recipe-set':
      if (state.running === null) return same(state);
      return same({ ...state, running: { ...state.running, recipe: event.recipe } });
    case 'recipe-refused':
      return refuseRecipe(state, event.recipe, event.reason);
    default:
      return assertNever(event);
  }
}

/** The work that a state stands for; undefined where there is nothing to do but wait for a desired state. */
export function workOf(update: Update, desired: Desired | null): Work | undefined {
  switch (update.state) {
    case 'planned':
      return { kind: 'plan', release: update.release };
    case 'fetching':
      return { kind: 'fetch', release: update.release };
    case 'verifying':
      return { kind: 'verify', release: update.release };
    case 'staged':
      return { kind: 'stage', release: update.release };
    case 'self-test':
      return { kind: 'self-test', release: update.release };
    case 'probation': {
      const { release, variant } = update;
      return desired === null ? undefined : { kind: 'run', release, variant, recipe: desired.recipe };
    }
    case 'failed':
      return update.retry ? { kind: 'wait', tries: update.tries } : undefined;
    case 'idle':
    case 'active':
    case 'rolled-back':
      return undefined;
    default:
      return assertNever(update);
  }
}

function same(state: UpdateState, actions: readonly Action[] = []): Step {
  return { state, actions };
}

function enter(state: UpdateState, update: Update, before: readonly Action[] = []): Step {
  const work = workOf(update, state.desired);
  const next = update === state.update ? state : { ...state, update };
  return { state: next, actions: work === undefined ? before : [...before, work] };
}

function resume(state: UpdateState): Step {
  const { running, update } = state;
  const restore: Action[] = running === null ? [] : [{ kind: 'restore', running }];
  if (update.state !== 'probation') return enter(state, update, restore);
  const reason = `it did not come up in ${startsMax} starts of the agent`;
  if (update.starts >= startsMax) return enter(state, rolledBack(update, reason), restore);
  return enter(state, { ...update, starts: update.starts + 1 }, restore);
}

function take(state: UpdateState, desired: Desired): Step {
  if (desired.counter <= (state.desired?.counter ?? 0)) return same(state);
  const next = { ...state, desired };
  const { running, update } = state;
  const { release, recipe } = desired;
  if (release === null) return enter(next, { state: 'idle' }, [{ kind: 'stop-work' }]);
  if (running?.release.digest === release.digest) {
    const recipeChange: Action[] = sameRecipe(running.recipe, recipe) ? [] : [{ kind: 'set-recipe', recipe }];
    return enter(next, activeUpdate(release, update), [{ kind: 'stop-work' }, ...recipeChange]);
  }
  // Work that is under way for this release goes on; the recipe is read when it is about to run.
  if (isWorking(update) && update.release.digest === release.digest) return same(next);
  return plan(next, release, 0);
}

function plan(state: UpdateState, release: ReleaseRef, tries: number): Step {
  const keep = [release, state.running?.release, state.previous?.release].flatMap(
    (each) => each?.digest ?? [],
  );
  return enter(state, { state: 'planned', release, tries, fetchedBytes: 0, totalBytes: 0 }, [
    { kind: 'stop-work' },
    { kind: 'clean', keep },
  ]);
}

function activate(
  state: UpdateState,
  update: Extract<Update, { state: 'probation' }>,
  recipe: Recipe,
  nowMs: number,
): Step {
  const { desired, running: before } = state;
  const { release } = update;
  const running: Running = { release, ...choiceOf(update), recipe, since: new Date(nowMs).toISOString() };
  const previous = before?.release.digest === release.digest ? state.previous : before;
  const keep = [running, previous].flatMap((each) => each?.release.digest ?? []);
  const changed = desired !== null && !sameRecipe(recipe, desired.recipe);
  return enter({ ...state, running, previous }, activeUpdate(release, update), [
    ...(changed ? [{ kind: 'set-recipe' as const, recipe: desired.recipe }] : []),
    { kind: 'clean', keep },
  ]);
}

function fail(state: UpdateState, reason: string, retryable: boolean): Step {
  const { update } = state;
  if (!isWorking(update)) return same(state);
  if (update.state === 'probation') return enter(state, rolledBack(update, reason));
  const { release, tries, fetchedBytes, totalBytes } = update;
  return enter(state, {
    state: 'failed',
    release,
    tries,
    fetchedBytes,
    totalBytes,
    reason,
    retry: retryable,
  });
}

/** What ran cannot be run any more: what ran before it takes its place, and if it is still desired it is made anew. */
function fallBack(state: UpdateState, digest: string): Step {
  const { running, previous, update, desired } = state;
  if (running?.release.digest !== digest) return same(state);
  const next = { ...state, running: previous, previous: null };
  const restore: Action[] = previous === null ? [] : [{ kind: 'restore', running: previous }];
  const { state: last } = update;
  if (desired?.release?.digest !== digest || (last !== 'active' && last !== 'failed'))
    return same(next, restore);
  const again = plan(next, desired.release, 0);
  return { state: again.state, actions: [...restore, ...again.actions] };
}

function refuseRecipe(state: UpdateState, recipe: Recipe, reason: string): Step {
  const { desired, running, update } = state;
  if (running === null || desired === null || !sameRecipe(desired.recipe, recipe)) return same(state);
  const target = activeUpdate(running.release, update);
  return enter(state, { ...target, state: 'failed', reason, retry: false });
}

function activeUpdate(release: ReleaseRef, before: Update): Extract<Update, { state: 'active' }> {
  const known = before.state !== 'idle' && before.release.digest === release.digest ? before : undefined;
  const totalBytes = known?.totalBytes ?? 0;
  return { state: 'active', release, tries: 0, fetchedBytes: totalBytes, totalBytes };
}

function rolledBack({ release, tries, fetchedBytes, totalBytes }: TargetedUpdate, reason: string): Update {
  return { state: 'rolled-back', release, tries, fetchedBytes, totalBytes, reason };
}

function isWorking(
  update: Update,
): update is Exclude<TargetedUpdate, { state: 'active' | 'failed' | 'rolled-back' }> {
  return !['idle', 'active', 'failed', 'rolled-back'].includes(update.state);
}

function sameRecipe(a: Recipe, b: Recipe): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function choiceOf({ variant, why }: { readonly variant: string; readonly why?: string }) {
  return why === undefined ? { variant } : { variant, why };
}
