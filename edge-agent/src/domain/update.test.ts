import { Compile } from '@pomona/schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleRelease } from '../testing/sample-records.ts';
import { sampleDesired, sampleRecipe } from '../testing/sample-release.ts';
import { step } from './update.ts';
import { type Action, type UpdateEvent, type Work, workOf } from './update-events.ts';
import { emptyUpdateState, reportedOf, UpdateState } from './update-state.ts';

const one = sampleRelease('a', 1);
const two = sampleRelease('b', 2);
const nowMs = Date.parse('2026-01-01T00:00:00.000Z');
const workKinds = ['plan', 'fetch', 'verify', 'stage', 'self-test', 'run', 'soak', 'go-back', 'wait'];

function play(events: readonly UpdateEvent[], from: UpdateState = emptyUpdateState) {
  let state = from;
  let actions: readonly Action[] = [];
  for (const event of events) ({ state, actions } = step(state, event, nowMs));
  return { state, actions, kinds: actions.map(({ kind }) => kind) };
}

const desired = (
  counter: number,
  release: typeof one | null,
  recipe = sampleRecipe(),
  retry = false,
): UpdateEvent => ({
  kind: 'desired',
  desired: { ...sampleDesired(counter, release, recipe), ...(retry && { retry }) },
});
const failed = (retryable: boolean): UpdateEvent => ({ kind: 'failed', reason: 'because', retryable });

/** All goes well, from a desired state to the release that runs. */
const wayUp: readonly UpdateEvent[] = [
  { kind: 'planned', totalBytes: 1_000 },
  { kind: 'progress', fetchedBytes: 400, reusedBytes: 150 },
  { kind: 'fetched' },
  { kind: 'verified' },
  { kind: 'staged' },
  { kind: 'tested', variant: 'fp32' },
  { kind: 'ran', recipe: sampleRecipe(), soak: { ms: 60_000, fruits: 50 } },
  { kind: 'proved' },
];
const ran = 7;
const disproved: UpdateEvent = { kind: 'disproved', reason: 'it is blind' };
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
    'probation',
    'active',
  ];
  const works = ['plan', 'fetch', undefined, 'verify', 'stage', 'self-test', 'run', 'soak', undefined];

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
      update: {
        state: 'fetching',
        release: one,
        fetchedBytes: 400,
        reusedBytes: 150,
        totalBytes: 1_000,
        reason: null,
      },
      running: null,
      recipeVersion: null,
      slots: [
        { name: 'a', release: null, state: 'empty' },
        { name: 'b', release: null, state: 'empty' },
      ],
      refused: [],
      probation: null,
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
      ...wayUp.slice(6, ran),
    ]);
    expect(actions).toEqual([
      { kind: 'set-recipe', recipe },
      { kind: 'soak', release: one },
    ]);
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
    const { state } = play([desired(2, two), ...wayUp.slice(0, 6), failed(false)], running());
    expect(state.update).toMatchObject({ state: 'rolled-back', release: two, reason: 'because' });
    expect(state.running).toMatchObject({ release: one });
    expect(reportedOf(state).refused).toEqual([two.digest]);
  });

  it('to run that is no fault of the release is tried again', () => {
    const { state } = play([desired(2, two), ...wayUp.slice(0, 6), failed(true)], running());
    expect(state.update).toMatchObject({ state: 'failed', retry: true });
    expect(state.running).toMatchObject({ release: one });
    expect(reportedOf(state).refused).toEqual([]);
  });
});

describe('a probation', () => {
  const onProbation = () => play([desired(2, two), ...wayUp.slice(0, ran)], running()).state;

  it('runs the new release in the other slot, and keeps the one before', () => {
    expect(reportedOf(onProbation())).toMatchObject({
      update: { state: 'probation', release: two },
      running: { release: two },
      slots: [
        { name: 'a', release: one, state: 'previous' },
        { name: 'b', release: two, state: 'running' },
      ],
      probation: { until: '2026-01-01T00:01:00.000Z', fruits: 50 },
    });
  });

  it('that is not stood goes back, and the digest is refused until it is desired with retry', () => {
    const judged = play([disproved], onProbation());
    expect(judged.kinds).toEqual(['stop-work', 'go-back']);
    expect(judged.state.running).toMatchObject({ release: two });
    const back = play([{ kind: 'went-back' }], judged.state);
    expect(back.state.update).toMatchObject({ state: 'rolled-back', release: two, reason: 'it is blind' });
    expect(back.state.running).toMatchObject({ release: one });
    expect(back.actions).toEqual([{ kind: 'clean', keep: [one.digest] }]);
    expect(reportedOf(back.state)).toMatchObject({
      refused: [two.digest],
      slots: [
        { name: 'a', release: one, state: 'running' },
        { name: 'b', release: null, state: 'empty' },
      ],
    });
    const again = play([desired(3, two)], back.state);
    expect(again.state.update).toMatchObject({
      state: 'rolled-back',
      reason: expect.stringContaining('it is blind'),
    });
    expect(again.kinds).toEqual(['stop-work']);
    const retried = play([desired(4, two, sampleRecipe(), true)], again.state);
    expect(retried.state.update).toMatchObject({ state: 'planned', release: two });
    expect(reportedOf(retried.state).refused).toEqual([]);
  });

  it('of the first release has nothing to go back to: the line goes on, and it is reported as failed', () => {
    const { state, kinds } = play([desired(1, one), ...wayUp.slice(0, ran), disproved]);
    expect(state.update).toMatchObject({
      state: 'failed',
      reason: expect.stringMatching(/blind.*goes on/),
      retry: false,
    });
    expect(state.running).toMatchObject({ release: one });
    expect(kinds).toEqual([]);
    const next = play([desired(2, two), ...wayUp.slice(0, ran)], state).state;
    expect([next.running?.release, next.previous]).toEqual([two, null]);
    const retried = play([desired(2, one, sampleRecipe(), true)], state);
    expect(retried.state.update).toMatchObject({ state: 'probation' });
    expect(retried.kinds).toEqual(['stop-work', 'run']);
  });

  it('is ended at once by the wish for the release before, which refuses nothing', () => {
    const asked = play([desired(3, one)], onProbation());
    expect(asked.kinds).toEqual(['stop-work', 'go-back']);
    const { state } = play([{ kind: 'went-back' }], asked.state);
    expect(state.update).toMatchObject({ state: 'active', release: one });
    expect(state.running).toMatchObject({ release: one });
    expect(reportedOf(state).refused).toEqual([]);
  });

  it.each([6, ran])('lets another release wait for its end (after step %i)', (i) => {
    const three = sampleRelease('c', 3);
    const asked = play([desired(2, two), ...wayUp.slice(0, i), desired(3, three)], running());
    expect(asked.kinds).toEqual([]);
    const { state, kinds } = play(wayUp.slice(i), asked.state);
    expect(state.update).toMatchObject({ state: 'planned', release: three });
    expect(state.running).not.toHaveProperty('unproven');
    expect(kinds).toEqual(['clean', 'stop-work', 'clean', 'plan']);
    expect(state.previous).toMatchObject({ release: one });
  });

  it('whose way back is damaged leaves running what runs, and says both', () => {
    const judged = play([disproved], onProbation()).state;
    const { state, kinds } = play([failed(true)], judged);
    expect(state.update).toMatchObject({ state: 'failed', reason: expect.stringMatching(/blind.*because/) });
    expect(state.running).toMatchObject({ release: two });
    expect(kinds).toEqual(['restore']);
  });
});

describe('a start', () => {
  it.each([0, 1, 2, 3, 4, 5])('restores what ran and takes up the work after step %i', (i) => {
    const before = play([desired(2, two), ...wayUp.slice(0, i)], running()).state;
    const { state, actions } = play([{ kind: 'started' }], before);
    expect(state).toBe(before);
    expect(actions).toEqual([{ kind: 'restore', running: before.running }]);
    expect(play([{ kind: 'restored' }], state)).toMatchObject({ state: before, actions: [workOf(before)] });
  });

  it('in the middle of a probation begins it anew, and goes back when it cannot be run any more', () => {
    const before = play([desired(2, two), ...wayUp.slice(0, ran)], running()).state;
    const { state, kinds } = play([{ kind: 'started' }], before);
    expect(kinds).toEqual(['run']);
    expect(reportedOf(state)).toMatchObject({ update: { state: 'probation' }, probation: null });
    expect(play([failed(false)], state).kinds).toEqual(['stop-work', 'go-back']);
    const again = play(wayUp.slice(6), state).state;
    expect(again.update.state).toBe('active');
    expect(again.previous).toMatchObject({ release: one });
  });

  it('runs with its own recipe what is on probation while another release is desired', () => {
    const before = play([desired(2, two), ...wayUp.slice(0, ran)], running()).state;
    const waiting = play([desired(3, sampleRelease('c', 3), sampleRecipe(9))], before).state;
    const { actions } = play([{ kind: 'started' }], waiting);
    expect(actions).toEqual([{ kind: 'run', release: two, variant: 'fp32', recipe: sampleRecipe() }]);
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
    expect(play([desired(3, two)], last).state.update.state).toBe('rolled-back');
  });

  it('falls back to the release before when what ran is damaged, and fetches it anew', () => {
    const before = play([desired(2, two), ...wayUp], running()).state;
    const { state, actions, kinds } = play([{ kind: 'restore-failed', digest: two.digest }], before);
    expect(state.running).toMatchObject({ release: one });
    expect(state.update).toMatchObject({ state: 'planned', release: two });
    expect(kinds).toEqual(['restore']);
    expect(actions[0]).toMatchObject({ running: { release: one } });
    expect(play([{ kind: 'restored' }], state).kinds).toEqual(['plan']);
  });
});

describe('any events in any order', () => {
  const recipes = [sampleRecipe(1), sampleRecipe(2)];
  const three = sampleRelease('c', 3);
  const event: fc.Arbitrary<UpdateEvent> = fc.oneof(
    fc
      .record({
        counter: fc.integer({ min: 1, max: 12 }),
        release: fc.constantFrom(one, two, three, null),
        recipe: fc.constantFrom(...recipes),
        retry: fc.boolean(),
      })
      .map(({ counter, release, recipe, retry }) => desired(counter, release, recipe, retry)),
    fc.constantFrom(...wayUp, ...wayUp, ...wayUp),
    fc.boolean().map(failed),
    fc.constantFrom<UpdateEvent>({ kind: 'started' }, { kind: 'restored' }, { kind: 'retry' }),
    fc.constantFrom<UpdateEvent>(disproved, { kind: 'went-back' }),
    fc.constantFrom(one, two).map(({ digest }) => ({ kind: 'restore-failed' as const, digest })),
    fc.constantFrom(...recipes).map((recipe) => ({ kind: 'recipe-set' as const, recipe })),
    fc.constantFrom(...recipes).map((recipe) => ({ kind: 'recipe-refused' as const, recipe, reason: 'no' })),
  );
  /** Ways to the middle of a probation first, which few events in any order would reach. */
  const events = fc
    .tuple(
      fc.constantFrom<readonly UpdateEvent[]>(
        [],
        [desired(1, one), ...wayUp.slice(0, ran)],
        [desired(1, one), ...wayUp, desired(2, two), ...wayUp.slice(0, ran)],
        [desired(1, one), ...wayUp, desired(2, two), ...wayUp.slice(0, ran), disproved],
        [
          desired(1, one),
          ...wayUp,
          desired(2, two),
          ...wayUp.slice(0, ran),
          disproved,
          { kind: 'went-back' },
        ],
        [desired(1, one), ...wayUp, desired(2, two), ...wayUp],
      ),
      fc.array(event, { maxLength: 40 }),
    )
    .map(([way, more]) => [...way, ...more]);
  const validator = Compile(UpdateState);
  const digestOf = (running: UpdateState['running']): string | undefined => running?.release.digest;
  const refusedBy = ({ refused = [] }: UpdateState): string[] => refused.map(({ digest }) => digest);

  it('keep the invariants', () => {
    fc.assert(
      fc.property(events, (all) => {
        let state = emptyUpdateState;
        const proven = new Set<string>();
        for (const each of all) {
          const { state: next, actions } = step(state, each, nowMs);
          const works = actions.filter(({ kind }) => workKinds.includes(kind));
          expect(validator.Check(next)).toBe(true);
          // One piece of work at a time; after a restore its outcome comes first.
          expect(works.length).toBeLessThanOrEqual(1);
          if (works.length === 1) expect(works[0]).toEqual(workOf(next));
          const restores = actions.findIndex(({ kind }) => kind === 'restore');
          if (restores >= 0) expect(restores).toBe(actions.length - 1);
          expect(next.desired?.counter ?? 0).toBeGreaterThanOrEqual(state.desired?.counter ?? 0);

          // What runs changes when the line has said so, or at a start of which nothing came up.
          if (digestOf(next.running) !== digestOf(state.running)) {
            expect(['ran', 'went-back', 'restore-failed', 'started']).toContain(each.kind);
            if (each.kind === 'started') expect([next.running, state.previous]).toEqual([null, null]);
          }
          // What is kept has worked, is another release, and in the other slot.
          if (each.kind === 'proved' && next.running !== null && !next.running.unproven)
            proven.add(next.running.release.digest);
          if (next.previous !== null) {
            expect(proven).toContain(next.previous.release.digest);
            expect(digestOf(next.previous)).not.toBe(digestOf(next.running));
            if (next.running) expect(next.previous.slot).not.toBe(next.running.slot);
          }
          // Nothing is removed that runs, or that has worked while what runs has not.
          for (const action of actions)
            if (action.kind === 'clean')
              for (const kept of [next.running, next.previous])
                if (kept) expect(action.keep).toContain(kept.release.digest);
          if (state.running?.unproven && state.previous !== null && next.previous === null)
            expect(['went-back', 'failed', 'restore-failed', 'ran']).toContain(each.kind);

          // A refusal stays until a desired state lifts it, and what is refused is never begun.
          for (const digest of refusedBy(state))
            if (!refusedBy(next).includes(digest))
              expect(each).toMatchObject({ kind: 'desired', desired: { retry: true, release: { digest } } });
          for (const action of actions)
            if (action.kind === 'plan' || action.kind === 'run')
              expect(refusedBy(next)).not.toContain(action.release.digest);
          state = next;
        }
      }),
      { numRuns: 500 },
    );
  });

  /** Does what is to be done, as the runner does, with the outcomes that `choose` names; `limit` bounds a machine that circles. */
  function carryOut(from: UpdateState, choose: (kind: string) => UpdateEvent, limit = 60): UpdateState {
    let state = from;
    const queue: UpdateEvent[] = [{ kind: 'started' }];
    for (let i = 0; i < limit; i++) {
      const event = queue.shift();
      if (event === undefined) return state;
      const { state: next, actions } = step(state, event, nowMs);
      state = next;
      for (const action of actions) {
        if (action.kind === 'stop-work') queue.length = 0;
        else if (action.kind === 'restore') queue.unshift(restoreOutcome(choose('restore'), action.running));
        else if (action.kind === 'set-recipe') queue.push({ ...action, kind: 'recipe-set' });
        else if (action.kind === 'run') queue.push(runOutcome(choose('run'), action.recipe));
        else if (action.kind !== 'clean') queue.push(choose(action.kind));
      }
    }
    throw new Error(`it does not come to rest: ${JSON.stringify(state)}`);
  }
  const restoreOutcome = (
    event: UpdateEvent,
    { release: { digest } }: { release: typeof one },
  ): UpdateEvent => (event.kind === 'failed' ? { kind: 'restore-failed', digest } : event);
  const runOutcome = (event: UpdateEvent, recipe: (typeof recipes)[0]): UpdateEvent =>
    event.kind === 'ran' ? { ...event, recipe: recipe! } : event;
  const good: Record<Work['kind'] | 'restore', UpdateEvent> = {
    plan: { kind: 'planned', totalBytes: 10 },
    fetch: { kind: 'fetched' },
    verify: { kind: 'verified' },
    stage: { kind: 'staged' },
    'self-test': { kind: 'tested', variant: 'fp32' },
    run: wayUp[6]!,
    soak: { kind: 'proved' },
    'go-back': { kind: 'went-back' },
    wait: { kind: 'retry' },
    restore: { kind: 'restored' },
  };
  const outcomeOf = (kind: string): UpdateEvent => good[kind as Work['kind']];

  it('end in what is desired once the work goes well', () => {
    fc.assert(
      fc.property(events, fc.constantFrom(one, two), (all, wanted) => {
        const asked = step(play(all).state, desired(99, wanted, recipes[0], true), nowMs).state;
        // A refusal may have come meanwhile, at the end of a probation: it says `retry` once more.
        let state = carryOut(asked, outcomeOf);
        state = carryOut(step(state, desired(100, wanted, recipes[0], true), nowMs).state, outcomeOf);
        expect(state.update.state).toBe('active');
        expect(state.running).toMatchObject({ release: wanted, recipe: recipes[0] });
        expect(state.running).not.toHaveProperty('unproven');
      }),
    );
  });

  it('come to rest whatever the work ends in, and never lose what had worked to a release that had not', () => {
    const resting = ['idle', 'active', 'failed', 'rolled-back'];
    const bad = fc.infiniteStream(fc.constantFrom('good', 'bad', 'good'));
    fc.assert(
      fc.property(events, bad, fc.boolean(), (all, luck, onlyReleases) => {
        const before = play(all).state;
        const state = carryOut(before, (kind) => {
          const isGood = luck.next().value === 'good';
          // What is intact on the disk comes up again.
          if (isGood || kind === 'wait' || (onlyReleases && ['restore', 'go-back'].includes(kind)))
            return outcomeOf(kind);
          return kind === 'soak' ? disproved : failed(false);
        });
        expect(resting).toContain(state.update.state);
        const hadWorked = before.previous ?? (before.running?.unproven ? null : before.running);
        if (onlyReleases && hadWorked !== null) expect(state.running).not.toBeNull();
      }),
    );
  });
});
