/**
 * How a station comes to run what is desired of it:
 *
 *   idle ─► planned ─► fetching ─► verifying ─► staged ─► self-test ─► probation ─► active
 *              │           │            │          │          │             │
 *              └───────────┴─────── failed(reason) ┴──────────┘       rolled-back(reason)
 *
 * A desired state may come at any time and begins a new plan; during probation see there. `failed` begins again by itself
 * where that can help. In every working state one piece of work is under way, named by `workOf`; its end is an event. The
 * state is on disk before the work starts, and a start takes up the same work, so each piece of work can be done again
 * from its beginning.
 *
 * Invariants: `running` changes only when the line has confirmed it, or has refused it at a start; `previous` is a release
 * that worked, and is not cleaned before the one after it has worked; a desired state with a counter that is not higher
 * changes nothing; a release that was rolled back is refused until a desired state says `retry`.
 */
import { assertNever, type Desired, type Recipe } from '@pomona/wire';
import type { Step, UpdateEvent } from './update-events.ts';
import {
  beginSoak,
  condemn,
  failProbation,
  isSoaking,
  prove,
  resumeProbation,
  takeInProbation,
  wentBack,
} from './update-probation.ts';
import {
  activeUpdate,
  choiceOf,
  enter,
  isWorking,
  lift,
  plan,
  pursue,
  restore,
  same,
  sameRecipe,
  settle,
} from './update-pursuit.ts';
import { reusedOf, type UpdateState } from './update-state.ts';

export function step(state: UpdateState, event: UpdateEvent, nowMs: number): Step {
  const { update } = state;
  switch (event.kind) {
    case 'started':
      return update.state === 'probation' ? resumeProbation(state, update) : restore(state);
    case 'desired':
      return take(state, event.desired);
    case 'planned':
      if (update.state !== 'planned') return same(state);
      return enter(state, { ...update, state: 'fetching', fetchedBytes: 0, totalBytes: event.totalBytes });
    case 'progress':
      if (update.state !== 'fetching') return same(state);
      return same({
        ...state,
        update: { ...update, fetchedBytes: event.fetchedBytes, reusedBytes: event.reusedBytes },
      });
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
      if (update.state !== 'probation' || update.soak || update.verdict) return same(state);
      return beginSoak(state, update, event, nowMs);
    case 'proved':
      return isSoaking(update) ? prove(state, update) : same(state);
    case 'disproved':
      return isSoaking(update) ? condemn(state, update, event.reason, true) : same(state);
    case 'went-back':
      return update.state === 'probation' ? wentBack(state, update) : same(state);
    case 'failed':
      return fail(state, event.reason, event.retryable);
    case 'retry':
      if (update.state !== 'failed' || !update.retry) return same(state);
      return plan(state, update.release, update.tries + 1);
    case 'restored':
      return settle(state);
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

function take(state: UpdateState, desired: Desired): Step {
  if (desired.counter <= (state.desired?.counter ?? 0)) return same(state);
  const { update } = state;
  const { release, retry } = desired;
  const lifted = retry === true && release !== null ? lift(state, release.digest) : state;
  const next = { ...lifted, desired };
  return update.state === 'probation' ? takeInProbation(next, update) : pursue(next);
}

function fail(state: UpdateState, reason: string, retryable: boolean): Step {
  const { update } = state;
  if (!isWorking(update)) return same(state);
  if (update.state === 'probation') return failProbation(state, update, reason, retryable);
  const { release, tries, fetchedBytes, totalBytes } = update;
  const target = { release, tries, fetchedBytes, ...reusedOf(update), totalBytes };
  return enter(state, { state: 'failed', ...target, reason, retry: retryable });
}

/** What ran cannot be run any more: what ran before it takes its place, and if it is still desired it is made anew. */
function fallBack(state: UpdateState, digest: string): Step {
  const { running, previous, update, desired, refused } = state;
  if (running?.release.digest !== digest) return same(state);
  // The line has confirmed it since.
  if (update.state === 'probation' && (update.soak || update.verdict)) return same(state);
  const next = { ...state, running: previous, previous: null };
  const isWanted = desired?.release?.digest === digest && !refused?.some((each) => each.digest === digest);
  if (!isWanted || (update.state !== 'active' && update.state !== 'failed')) return restore(next);
  // The plan's own actions would come too early: it begins when something runs.
  return restore(plan(next, desired.release!, 0).state);
}

function refuseRecipe(state: UpdateState, recipe: Recipe, reason: string): Step {
  const { desired, running, update } = state;
  if (running === null || desired === null || !sameRecipe(desired.recipe, recipe)) return same(state);
  // It is tried again, and then reported, when the release has proven itself.
  if (update.state === 'probation') return same(state);
  const target = activeUpdate(running.release, update);
  return enter(state, { ...target, state: 'failed', reason, retry: false });
}
