import fc from 'fast-check';
import { Compile } from 'typebox/compile';
import { describe, expect, it } from 'vitest';
import { sampleRelease } from '../testing/sample-records.ts';
import { sampleDesired, sampleRecipe } from '../testing/sample-release.ts';
import { type Action, step, type UpdateEvent, type Work, workOf } from './update.ts';
import { emptyUpdateState, reportedOf, UpdateState } from './update-state.ts';

const one = sampleRelease('a', 1);
const two = sampleRelease('b', 2);
const nowMs = Date.parse('2026-01-01T00:00:00.000Z');
const workKinds = ['plan', 'fetch', 'verify', 'stage', 'self-test', 'run', 'wait'];

function play(events: readonly UpdateEvent[], from: UpdateState = emptyUpdateState) {
  let state = from;
  let actions: readonly Action[] = [];
  for (const event of events) ({ state, actions } = step(state, event, nowMs));
  return { state, actions, kinds: actions.map(({ kind }) => kind) };
}

const desired = (counter: number, release: typeof one | null, recipe = sampleRecipe()): UpdateEvent => ({
  kind: 'desired',
  desired: sampleDesired(counter, release, recipe),
});
const failed = (retryable: boolean): UpdateEvent => ({ kind: 'failed', reason: 'because', retryable });

/** All goes well, from a desired state to the release that runs. */
const wayUp: readonly UpdateEvent[] = [
  { kind: 'planned', totalBytes: 1_000 },
  { kind: 'progress', fetchedBytes: 400 },
  { kind: 'fetched' },
  { kind: 'verified' },
  { kind: 'staged' },
  { kind: 'tested', variant: 'fp32' },
  { kind: 'ran', recipe: sampleRecipe() },
];
const running = (release = one, counter = 1) => play([desired(counter, release), ...wayUp]).state;

describe('the way up', () => {
  const states = [
    'planned',
    'fetching',
    'fetching',
    'verifying',
    'staged',
    'self-test',
    'probation',
    'active',
  ];
  const works = ['plan', 'fetch', undefined, 'verify', 'stage', 'self-test', 'run', undefined];

  it.each(states.map((name, i) => [i, name, works[i]] as const))(
    'step %i is %s, with %s to do',
    (i, name, work) => {
      const { state, kinds } = play([desired(1, one), ...wayUp.slice(0, i)]);
      expect(state.update.state).toBe(name);
      expect(kinds.find((kind) => workKinds.includes(kind))).toBe(work);
    },
  );

  it('ends with the release running and the one before kept', () => {
    const { state, actions } = play([desired(2, two), ...wayUp], running());
    expect(state.running).toMatchObject({ release: two, variant: 'fp32' });
    expect(state.previous).toMatchObject({ release: one });
    expect(actions).toContainEqual({ kind: 'clean', keep: [two.digest, one.digest] });
  });

  it('reports how far it is', () => {
    const { state } = play([desired(7, one), ...wayUp.slice(0, 2)]);
    expect(reportedOf(state)).toEqual({
      desiredCounter: 7,
      update: { state: 'fetching', release: one, fetchedBytes: 400, totalBytes: 1_000, reason: null },
      running: null,
      recipeVersion: null,
    });
    expect(reportedOf(running())).toMatchObject({
      update: { state: 'active', fetchedBytes: 1_000 },
      running: { release: one, variant: 'fp32' },
      recipeVersion: 1,
    });
  });
});

describe('a desired state', () => {
  it.each([1, 0])('with a counter that is not higher changes nothing (%i)', (counter) => {
    const before = running();
    expect(step(before, desired(counter, two), nowMs)).toEqual({ state: before, actions: [] });
  });

  it('for what runs already only changes the recipe', () => {
    const recipe = sampleRecipe(2);
    const { state, actions } = play([desired(2, one, recipe)], running());
    expect(state.update.state).toBe('active');
    expect(actions).toEqual([{ kind: 'stop-work' }, { kind: 'set-recipe', recipe }]);
    expect(state.running!.recipe.version).toBe(1);
    expect(play([{ kind: 'recipe-set', recipe }], state).state.running!.recipe.version).toBe(2);
  });

  it('with a recipe that does not fit is reported as failed, while the old recipe goes on', () => {
    const recipe = sampleRecipe(2, 'purple');
    const before = play([desired(2, one, recipe)], running()).state;
    const { state } = play([{ kind: 'recipe-refused', recipe, reason: 'no such grade' }], before);
    expect(state.update).toMatchObject({ state: 'failed', reason: 'no such grade', retry: false });
    expect(state.running!.recipe.version).toBe(1);
  });

  it('for another release takes the place of the work under way', () => {
    const { state, kinds, actions } = play([desired(1, one), ...wayUp.slice(0, 2), desired(2, two)]);
    expect(state.update).toMatchObject({ state: 'planned', release: two, tries: 0 });
    expect(kinds).toEqual(['stop-work', 'clean', 'plan']);
    expect(actions[1]).toEqual({ kind: 'clean', keep: [two.digest] });
  });

  it('for the release under way lets the work go on, and runs it with the new recipe', () => {
    const recipe = sampleRecipe(2);
    const { state, kinds } = play([desired(1, one), ...wayUp.slice(0, 2), desired(2, one, recipe)]);
    expect(state.update.state).toBe('fetching');
    expect(kinds).toEqual([]);
    const { actions } = play(wayUp.slice(2, 6), state);
    expect(actions).toEqual([{ kind: 'run', release: one, variant: 'fp32', recipe }]);
  });

  it('that came while the release was started is caught up with', () => {
    const recipe = sampleRecipe(2);
    const { actions } = play([
      desired(1, one),
      ...wayUp.slice(0, 6),
      desired(2, one, recipe),
      { kind: 'ran', recipe: sampleRecipe() },
    ]);
    expect(actions).toContainEqual({ kind: 'set-recipe', recipe });
  });

  it('for nothing stops the work and leaves running what runs', () => {
    const { state, kinds } = play([desired(2, two), desired(3, null)], running());
    expect(state.update).toEqual({ state: 'idle' });
    expect(state.running).toMatchObject({ release: one });
    expect(kinds).toEqual(['stop-work']);
  });
});

describe('a failure', () => {
  it.each([0, 2, 3, 4])('that can pass is tried again from the plan (after step %i)', (i) => {
    const { state, actions } = play([desired(1, one), ...wayUp.slice(0, i), failed(true)]);
    expect(state.update).toMatchObject({ state: 'failed', reason: 'because', retry: true });
    expect(actions).toEqual([{ kind: 'wait', tries: 0 }]);
    const again = play([{ kind: 'retry' }], state);
    expect(again.state.update).toMatchObject({ state: 'planned', release: one, tries: 1 });
    expect(again.kinds).toContain('plan');
  });

  it('that cannot pass stays until a newer desired state names the release again', () => {
    const { state, actions } = play([desired(1, one), ...wayUp.slice(0, 5), failed(false)]);
    expect(state.update).toMatchObject({ state: 'failed', retry: false });
    expect(actions).toEqual([]);
    for (const event of [desired(1, one), { kind: 'retry' } as const, { kind: 'started' } as const])
      expect(play([event], state).state.update.state).toBe('failed');
    expect(play([desired(2, one)], state).state.update).toMatchObject({ state: 'planned', release: one });
  });

  it('to run goes back, and what ran before is still what runs', () => {
    const { state } = play([desired(2, two), ...wayUp.slice(0, 6), failed(true)], running());
    expect(state.update).toMatchObject({ state: 'rolled-back', release: two, reason: 'because' });
    expect(state.running).toMatchObject({ release: one });
  });
});

describe('a start', () => {
  it.each([0, 1, 2, 3, 4, 5])('restores what ran and takes up the work after step %i', (i) => {
    const before = play([desired(2, two), ...wayUp.slice(0, i)], running()).state;
    const { state, actions } = play([{ kind: 'started' }], before);
    expect(state).toBe(before);
    expect(actions).toEqual([
      { kind: 'restore', running: before.running },
      workOf(before.update, before.desired),
    ]);
  });

  it('gives up a release that took the agent down three times', () => {
    let { state } = play([desired(2, two), ...wayUp.slice(0, 6)], running());
    for (const starts of [2, 3]) {
      ({ state } = play([{ kind: 'started' }], state));
      expect(state.update).toMatchObject({ state: 'probation', starts });
    }
    const { state: last, kinds } = play([{ kind: 'started' }], state);
    expect(last.update).toMatchObject({ state: 'rolled-back', reason: expect.stringContaining('3 starts') });
    expect(kinds).toEqual(['restore']);
  });

  it('falls back to the release before when what ran is damaged, and fetches it anew', () => {
    const before = play([desired(2, two), ...wayUp], running()).state;
    const { state, actions, kinds } = play([{ kind: 'restore-failed', digest: two.digest }], before);
    expect(state.running).toMatchObject({ release: one });
    expect(state.update).toMatchObject({ state: 'planned', release: two });
    expect(kinds).toEqual(['restore', 'stop-work', 'clean', 'plan']);
    expect(actions[0]).toMatchObject({ running: { release: one } });
  });
});

describe('any events in any order', () => {
  const recipes = [sampleRecipe(1), sampleRecipe(2)];
  const anyRelease = fc.constantFrom(one, two, sampleRelease('c', 3), null);
  const event: fc.Arbitrary<UpdateEvent> = fc.oneof(
    fc
      .record({
        counter: fc.integer({ min: 1, max: 12 }),
        release: anyRelease,
        recipe: fc.constantFrom(...recipes),
      })
      .map(({ counter, release, recipe }) => desired(counter, release, recipe)),
    fc.constantFrom(...wayUp, ...wayUp, ...wayUp),
    fc.boolean().map(failed),
    fc.constantFrom<UpdateEvent>({ kind: 'started' }, { kind: 'retry' }),
    fc.constantFrom(one, two).map(({ digest }) => ({ kind: 'restore-failed' as const, digest })),
    fc.constantFrom(...recipes).map((recipe) => ({ kind: 'recipe-set' as const, recipe })),
    fc.constantFrom(...recipes).map((recipe) => ({ kind: 'recipe-refused' as const, recipe, reason: 'no' })),
  );
  const validator = Compile(UpdateState);
  const answers: Record<Work['kind'], UpdateEvent> = {
    plan: { kind: 'planned', totalBytes: 10 },
    fetch: { kind: 'fetched' },
    verify: { kind: 'verified' },
    stage: { kind: 'staged' },
    'self-test': { kind: 'tested', variant: 'fp32' },
    run: { kind: 'ran', recipe: recipes[0]! },
    wait: { kind: 'retry' },
  };

  it('keep the invariants', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        let state = emptyUpdateState;
        for (const each of events) {
          const next = step(state, each, nowMs);
          expect(validator.Check(next.state)).toBe(true);
          expect(next.actions.filter(({ kind }) => workKinds.includes(kind)).length).toBeLessThanOrEqual(1);
          expect(next.state.desired?.counter ?? 0).toBeGreaterThanOrEqual(state.desired?.counter ?? 0);
          if (next.state.previous !== null)
            expect(next.state.previous.release.digest).not.toBe(next.state.running?.release.digest);
          if (next.state.running?.release.digest !== state.running?.release.digest)
            expect(['ran', 'restore-failed']).toContain(each.kind);
          const keep = next.actions.flatMap((action) => (action.kind === 'clean' ? [action.keep] : []))[0];
          if (keep !== undefined && next.state.running)
            expect(keep).toContain(next.state.running.release.digest);
          state = next.state;
        }
      }),
    );
  });

  it('end in what is desired once the work goes well', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), fc.constantFrom(one, two), (events, wanted) => {
        let { state, actions } = play([desired(99, wanted, recipes[0])], play(events).state);
        let work = workOf(state.update, state.desired);
        for (let i = 0; i < 20 && work !== undefined; i++) {
          ({ state, actions } = step(state, answers[work.kind], nowMs));
          work = workOf(state.update, state.desired);
        }
        for (const action of actions)
          if (action.kind === 'set-recipe')
            state = step(state, { ...action, kind: 'recipe-set' }, nowMs).state;
        expect(state.update.state).toBe('active');
        expect(state.running).toMatchObject({ release: wanted, recipe: recipes[0] });
      }),
    );
  });
});
