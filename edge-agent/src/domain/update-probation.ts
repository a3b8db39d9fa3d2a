/**
 * The time of proof of a release: run, soak (the line runs it and it has to prove itself) and, after a verdict, go back to
 * the release before. A desired state that comes meanwhile is kept and taken up at the end, which is near; only the wish
 * for the release before is granted at once.
 */
import type { Step, UpdateEvent } from './update-events.ts';
import {
  activeUpdate,
  choiceOf,
  enter,
  pursue,
  refuse,
  restore,
  same,
  sameRecipe,
  settle,
} from './update-pursuit.ts';
import { otherSlot, type Running, reusedOf, type Update, type UpdateState } from './update-state.ts';

export type Probation = Extract<Update, { state: 'probation' }>;

/** A release that takes the agent down with it is given up after so many starts. */
const startsMax = 3;
const wantedBack = 'the release before is desired again';

export function isSoaking(update: Update): update is Probation & { soak: NonNullable<Probation['soak']> } {
  return update.state === 'probation' && update.soak !== undefined && update.verdict === undefined;
}

export function takeInProbation(state: UpdateState, update: Probation): Step {
  const { desired, running, previous } = state;
  // A swap is under way: its end looks at what is desired.
  if (!isSoaking(update) || desired === null || running === null) return same(state);
  const wanted = desired.release?.digest;
  if (wanted !== undefined && wanted === previous?.release.digest)
    return condemn(state, update, wantedBack, false);
  if (wanted !== update.release.digest || sameRecipe(running.recipe, desired.recipe)) return same(state);
  return same(state, [{ kind: 'set-recipe', recipe: desired.recipe }]);
}

/** The line runs it from now on. */
export function beginSoak(
  state: UpdateState,
  update: Probation,
  { recipe, soak: { ms, fruits } }: Extract<UpdateEvent, { kind: 'ran' }>,
  nowMs: number,
): Step {
  const { running: before } = state;
  const { release } = update;
  const isAgain = before?.release.digest === release.digest;
  // What did not prove itself is never what one goes back to.
  const kept = before === null || isAgain || before.unproven === true ? state.previous : before;
  const previous = kept?.release.digest === release.digest ? null : kept;
  const running: Running = {
    release,
    ...choiceOf(update),
    recipe,
    since: isAgain ? before.since : new Date(nowMs).toISOString(),
    slot: (isAgain && before.slot) || otherSlot(previous),
    unproven: true,
  };
  const soak = { until: new Date(nowMs + ms).toISOString(), fruits };
  const soaking = enter({ ...state, running, previous }, { ...update, soak });
  const taken = takeInProbation(soaking.state, { ...update, soak });
  // Its work is the soak's, unless what was desired meanwhile has ended that already.
  return taken.state === soaking.state
    ? { state: taken.state, actions: [...taken.actions, ...soaking.actions] }
    : taken;
}

/** It becomes what one goes back to when the next one fails. */
export function prove(state: UpdateState, update: Probation): Step {
  if (state.running === null) return same(state);
  const { unproven: _, ...running } = state.running;
  const keep = [running, state.previous].flatMap((each) => each?.release.digest ?? []);
  const next = { ...state, running, update: activeUpdate(update.release, update) };
  return settle(next, [{ kind: 'clean', keep }]);
}

/** It has to go. Without a release that worked before it the line goes on with it, and nobody calls it active. */
export function condemn(state: UpdateState, update: Probation, reason: string, isRefused: boolean): Step {
  if (state.previous !== null)
    return enter(state, { ...update, verdict: { reason, refuse: isRefused } }, [{ kind: 'stop-work' }]);
  const alone = `${reason}; no release worked before it, so the line goes on with it`;
  return settle(ended(state, update, alone, isRefused));
}

export function wentBack(state: UpdateState, update: Probation): Step {
  const { previous: running } = state;
  if (running === null || update.verdict === undefined) return same(state);
  const { reason, refuse: isRefused } = update.verdict;
  const next = ended({ ...state, running, previous: null }, update, reason, isRefused);
  return settle(next, [{ kind: 'clean', keep: [running.release.digest] }]);
}

/** What is `retryable` says nothing against the release: it is tried again by itself, and not refused. */
export function failProbation(
  state: UpdateState,
  update: Probation,
  reason: string,
  retryable: boolean,
): Step {
  const { running, previous } = state;
  if (update.verdict !== undefined) {
    // The release before is damaged: the line goes on with what there is, and the control plane is told both reasons.
    const both = `${update.verdict.reason}; the release before does not run: ${reason}`;
    return restore(ended({ ...state, previous: null }, update, both, update.verdict.refuse));
  }
  if (running?.release.digest !== update.release.digest)
    return settle(ended(state, update, reason, !retryable));
  if (previous !== null) return condemn(state, update, reason, !retryable);
  return restore(ended(state, update, reason, !retryable));
}

/** After a start of the agent nothing runs; running it again begins its soak anew. */
export function resumeProbation(state: UpdateState, update: Probation): Step {
  const { desired, running, previous } = state;
  const { digest } = update.release;
  if (update.verdict !== undefined) return enter(state, update);
  const ranIt = running?.release.digest === digest;
  if (update.starts >= startsMax) {
    const reason = `it did not come up in ${startsMax} starts of the agent`;
    if (!ranIt) return restore(ended(state, update, reason, true));
    if (previous !== null) return condemn(state, update, reason, true);
    // It takes the agent down and there is nothing else: better an agent that can be given another release.
    return settle(ended({ ...state, running: null }, update, reason, true));
  }
  // It never ran and is not wanted any more.
  if (!ranIt && desired?.release?.digest !== digest)
    return restore(pursue({ ...state, update: { state: 'idle' } }).state);
  const { soak: _, ...again } = update;
  const next = { ...state, update: { ...again, starts: update.starts + 1 } };
  return ranIt ? enter(next, next.update) : restore(next);
}

/** Where a probation that was not stood leaves the station, what runs apart. */
function ended(state: UpdateState, update: Probation, reason: string, isRefused: boolean): UpdateState {
  const { release, tries, fetchedBytes, totalBytes } = update;
  const target = { release, tries, fetchedBytes, ...reusedOf(update), totalBytes, reason };
  if (!isRefused) return { ...state, update: { state: 'failed', ...target, retry: true } };
  const refused = refuse(state, release.digest, reason);
  const isStillThere = state.running?.release.digest === release.digest;
  return {
    ...refused,
    update: isStillThere ? { state: 'failed', ...target, retry: false } : { state: 'rolled-back', ...target },
  };
}
