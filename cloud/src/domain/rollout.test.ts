import { defaultShadowPlan } from '@pomona/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { earlier, type Fake, Fleet, person, target } from '../testing/rollout-fleet.ts';
import { isShadowing } from './rollout-shadow.ts';
import { countFailures, isTerminal } from './rollout-state.ts';
import type { RolloutStep } from './rollout-step.ts';

const four = ['a', 'b', 'c', 'd'];
const small = { canary: 1, waves: { base: 2, factor: 2, max: 10 } };

describe('a rollout', () => {
  it('begins with the canary and goes on in growing waves until all have it', () => {
    const fleet = new Fleet(four, small);
    fleet.tick();
    expect(fleet.ordered).toEqual(['a']);
    fleet.tick();
    expect(fleet.ordered).toEqual(['a']);
    fleet.work();
    fleet.tick();
    expect(fleet.ordered).toEqual(['a', 'b', 'c']);
    fleet.work();
    fleet.turns(3);
    expect(fleet.ordered).toEqual(four);
    expect(fleet.state.status).toBe('done');
  });

  it('watches a wave for its soak', () => {
    const fleet = new Fleet(four, { ...small, soakS: 60, health: null });
    fleet.turns(2);
    fleet.tick(59_000);
    expect(fleet.ordered).toEqual(['a']);
    fleet.tick(2_000);
    expect(fleet.ordered).toEqual(['a', 'b', 'c']);
  });

  it('pauses and says why when the canary rolls back, and goes on when someone resumes', () => {
    const fleet = new Fleet(four, { ...small, failuresMax: 0 });
    fleet.of('a').end = 'rolled-back';
    fleet.turns(3);
    expect(fleet.state).toMatchObject({
      status: 'paused',
      why: expect.stringContaining('rolled back: too slow'),
    });
    expect(fleet.ordered).toEqual(['a']);
    fleet.event({ kind: 'resume', ...person });
    fleet.turns(5);
    expect(fleet.state.status).toBe('done');
    expect(four.map((name) => fleet.outcome(name))).toEqual([
      'failed',
      'succeeded',
      'succeeded',
      'succeeded',
    ]);
  });

  it('pauses when a wave has too small a share of successes, though the failures may be', () => {
    const fleet = new Fleet(four, { ...small, failuresMax: 3, successShare: 0.9 });
    fleet.of('b').end = 'failed';
    fleet.turns(5);
    expect(fleet.state).toMatchObject({ status: 'paused', why: expect.stringContaining('wave 2: 1 of 2') });
  });

  it('rolls back by rule, and gives each its own earlier release', () => {
    const fleet = new Fleet(four, { ...small, failuresMax: 0, onFailure: 'rollback' });
    fleet.of('b').end = 'failed';
    fleet.of('a').desired = null;
    fleet.turns(6);
    expect(fleet.state.status).toBe('rolled-back');
    expect(four.map((name) => fleet.of(name).desired?.version)).toEqual([1, 1, 1, 1]);
    expect(fleet.ordered.toSorted()).toEqual(['a', 'a', 'b', 'b', 'c', 'c']);
  });

  it('waits for quiet hours to end, without an order, and without a failure however long they are', () => {
    const fleet = new Fleet(four, { ...small, failuresMax: 0 });
    for (const name of ['a', 'c']) fleet.of(name).quiet = 'waits for 18:00';
    fleet.turns(2);
    expect(fleet.ordered).toEqual([]);
    expect(fleet.state.members[0]).toMatchObject({ outcome: 'quiet', reason: 'waits for 18:00' });
    fleet.tick(12 * 3_600_000);
    fleet.of('a').quiet = null;
    fleet.turns(4);
    expect(fleet.ordered).toEqual(['a', 'b']);
    expect(fleet.outcome('c')).toBe('quiet');
    fleet.of('c').quiet = null;
    fleet.turns(6);
    expect(fleet.state.status).toBe('done');
    expect(fleet.state.members.map(({ outcome }) => outcome)).toEqual(four.map(() => 'succeeded'));
  });

  it('stops the time of a station in whose fetch quiet hours begin, also while it is away, and can take it back', () => {
    const fleet = new Fleet(['a'], { ...small, failuresMax: 0, stationTimeoutS: 600, lostS: 120 });
    fleet.of('a').end = 'fetching';
    fleet.turns(2);
    fleet.tick(500_000);
    expect(fleet.outcome('a')).toBe('updating');
    fleet.of('a').quiet = 'waits';
    fleet.tick();
    fleet.of('a').online = false;
    fleet.tick(12 * 3_600_000);
    expect(fleet.outcome('a')).toBe('quiet');
    fleet.of('a').quiet = null;
    fleet.tick();
    fleet.of('a').online = true;
    fleet.tick(590_000);
    expect(fleet.outcome('a')).toBe('updating');
    expect(fleet.state.members[0]?.previous).toEqual(earlier);
    fleet.event({ kind: 'rollback', ...person });
    fleet.tick();
    expect(fleet.of('a').desired).toEqual(earlier);
  });

  it('lets a station go on in quiet hours that has all of the release', () => {
    const fleet = new Fleet(['a'], small);
    fleet.of('a').end = 'probation';
    fleet.turns(2);
    fleet.of('a').quiet = 'waits';
    fleet.tick();
    expect(fleet.outcome('a')).toBe('updating');
    fleet.of('a').state = 'active';
    fleet.tick();
    expect(fleet.outcome('a')).toBe('succeeded');
  });

  it('goes on in quiet hours when a person says so', () => {
    const fleet = new Fleet(['a'], small);
    fleet.of('a').quiet = 'waits';
    fleet.turns(2);
    expect(fleet.ordered).toEqual([]);
    expect(fleet.event({ kind: 'now', ...person }).notes).toEqual([{ kind: 'now', ...person }]);
    fleet.turns(3);
    expect(fleet.state.status).toBe('done');
  });

  it('defers a station that is offline, never counts it as failed, and sends it when it comes', () => {
    const fleet = new Fleet(four, { ...small, failuresMax: 0 });
    fleet.of('c').online = false;
    fleet.turns(6);
    expect(fleet.outcome('c')).toBe('deferred');
    expect(fleet.state.status).toBe('running');
    fleet.of('c').online = true;
    fleet.turns(3);
    expect(fleet.state.status).toBe('done');
    expect(fleet.outcome('c')).toBe('succeeded');
  });

  it('does not go beyond a canary that is offline', () => {
    const fleet = new Fleet(four, { ...small, deferS: 100 });
    fleet.of('a').online = false;
    fleet.turns(20);
    expect(fleet.ordered).toEqual([]);
    fleet.tick(100_000);
    expect(fleet.state).toMatchObject({ status: 'paused', why: expect.stringContaining('1 offline') });
  });

  it('counts a station that took it and went away as lost, and takes it back when it returns', () => {
    const fleet = new Fleet(four, { ...small, failuresMax: 2, lostS: 30 });
    fleet.of('a').end = 'probation';
    fleet.turns(2);
    expect(fleet.outcome('a')).toBe('updating');
    fleet.of('a').online = false;
    fleet.tick();
    fleet.tick(31_000);
    expect(fleet.outcome('a')).toBe('lost');
    fleet.of('a').online = true;
    fleet.of('a').state = 'active';
    fleet.tick();
    expect(fleet.outcome('a')).toBe('succeeded');
  });

  it('times a station out that does not finish, and counts a refused release as rejected', () => {
    const fleet = new Fleet(four, { ...small, canary: 0, failuresMax: 4, successShare: 0, successesMin: 0 });
    fleet.of('a').end = 'fetching';
    fleet.of('b').refuses = true;
    fleet.turns(2);
    expect(fleet.outcome('b')).toBe('rejected');
    expect(fleet.ordered).not.toContain('b');
    fleet.tick(600_000);
    expect(fleet.outcome('a')).toBe('timed-out');
  });

  it.each([
    [
      'missed deadlines',
      (fake: Fake) => Object.assign(fake, { fruits: 2_000, missed: 100 }),
      'misses 10.0 % of its deadlines, 0.0 % before, 0.0 % at the stations without it',
    ],
    [
      'slowness',
      (fake: Fake) => Object.assign(fake, { fruits: 2_000, timeUsed: 0.9 }),
      'needs 90.0 % of the time it has for a fruit (95th percentile), 3.0 % before',
    ],
    ['silence', (fake: Fake) => fake, 'graded no fruit'],
  ])('pauses when a station fares worse than before: %s', (_, change, why) => {
    const fleet = new Fleet(four, { ...small, soakS: 1_000 });
    fleet.turns(3);
    change(fleet.of('a'));
    fleet.tick(130_000);
    expect(fleet.state).toMatchObject({ status: 'paused', why: expect.stringContaining(`a `) });
    expect(fleet.state.why).toContain(why);
    fleet.event({ kind: 'resume', ...person });
    fleet.tick();
    expect(fleet.state.status).toBe('running');
  });

  it.each([
    ['is slower than before and far from its deadlines', { fruits: 2_000, timeUsed: 0.45 }],
    ['has graded too few fruits to say', { fruits: 199, missed: 100, timeUsed: 3 }],
  ])('goes on when a station %s', (_, change) => {
    const fleet = new Fleet(four, { ...small, soakS: 1_000 });
    fleet.turns(3);
    Object.assign(fleet.of('a'), change);
    fleet.tick();
    expect(fleet.state.status).toBe('running');
  });

  it('does not blame the release for what stations without it suffer too', () => {
    const fleet = new Fleet(four, { ...small, soakS: 1_000 });
    fleet.turns(3);
    for (const name of four) Object.assign(fleet.of(name), { fruits: 2_000, missed: 150, timeUsed: 0.9 });
    fleet.tick();
    expect(fleet.state.status).toBe('running');
    for (const name of ['b', 'c', 'd']) Object.assign(fleet.of(name), { missed: 0 });
    fleet.tick();
    expect(fleet.state).toMatchObject({ status: 'paused', why: expect.stringContaining('misses 15.0 %') });
  });

  it('judges a release by its own fruit alone', () => {
    const fleet = new Fleet(four, { ...small, soakS: 1_000 });
    Object.assign(fleet.of('a'), { missed: 500, end: 'probation' });
    fleet.turns(3);
    expect(fleet.outcome('a')).toBe('updating');
    Object.assign(fleet.of('a'), { state: 'active', missed: 0 });
    fleet.turns(3);
    Object.assign(fleet.of('a'), { missed: 510 });
    fleet.tick();
    expect(fleet.state.status).toBe('running');
    Object.assign(fleet.of('a'), { missed: 530 });
    fleet.tick();
    expect(fleet.state.status).toBe('paused');
  });

  it('pauses when a station grades otherwise than before', () => {
    const fleet = new Fleet(four, { ...small, soakS: 1_000 });
    fleet.of('a').bad = 300;
    fleet.turns(3);
    Object.assign(fleet.of('a'), { fruits: 2_000, bad: 950 });
    fleet.tick();
    expect(fleet.state).toMatchObject({
      status: 'paused',
      why: 'a calls 35.0 % of the fruits good, 70.0 % before',
    });
  });

  it('lets a release grade fruit otherwise that the one before did not know, as stations do whose fruit was known', () => {
    const fleet = new Fleet(four, { ...small, soakS: 1_000 });
    for (const name of ['c', 'd']) fleet.of(name).bad = 300;
    Object.assign(fleet.of('a'), { bad: 800, isDrifted: true });
    // What knows its fruit as little as it did says nothing of it.
    Object.assign(fleet.of('b'), { bad: 1_000, isDrifted: true });
    fleet.turns(3);
    Object.assign(fleet.of('a'), { fruits: 2_000, bad: 1_200, isDrifted: false });
    fleet.tick();
    expect(fleet.state.status).toBe('running');
    Object.assign(fleet.of('a'), { bad: 800 });
    fleet.tick();
    expect(fleet.state).toMatchObject({
      status: 'paused',
      why: 'a calls 100.0 % of the fruits good, 20.0 % before, 70.0 % at stations that knew their fruit',
    });
  });

  it('compares a station whose fruit was not known with itself where no other knew its own', () => {
    const fleet = new Fleet(four, { ...small, soakS: 1_000 });
    for (const name of four) Object.assign(fleet.of(name), { bad: 800, isDrifted: true });
    fleet.turns(3);
    Object.assign(fleet.of('a'), { fruits: 2_000, bad: 1_200 });
    fleet.tick();
    expect(fleet.state).toMatchObject({
      status: 'paused',
      why: 'a calls 60.0 % of the fruits good, 20.0 % before',
    });
  });

  it('gives an order again when the program ended before it was given', () => {
    const fleet = new Fleet(four, small);
    fleet.tick(1_000, false);
    expect(fleet.outcome('a')).toBe('sent');
    expect(fleet.ordered).toEqual([]);
    fleet.tick();
    expect(fleet.ordered).toEqual(['a']);
    fleet.tick();
    expect(fleet.ordered).toEqual(['a']);
  });

  it('leaves an order alone that someone gave meanwhile', () => {
    const fleet = new Fleet(four, small);
    fleet.tick();
    Object.assign(fleet.of('a'), { desired: { ...earlier, digest: '3'.repeat(64) }, counter: 7 });
    fleet.tick();
    expect(fleet.outcome('a')).toBe('failed');
    fleet.event({ kind: 'rollback', ...person });
    fleet.turns(2);
    expect(fleet.ordered).toEqual(['a']);
  });

  it('sends no more in a minute than its plan says', () => {
    const fleet = new Fleet(four, { canary: 0, sendsPerMinute: 3 });
    fleet.tick();
    fleet.tick();
    expect(fleet.ordered).toHaveLength(3);
    fleet.tick(60_000);
    expect(fleet.ordered).toHaveLength(4);
  });
});

type Happening =
  | { readonly kind: 'tick' | 'lost-tick' | 'work'; readonly ms: number }
  | { readonly kind: 'pause' | 'resume' | 'cancel' | 'rollback' }
  | { readonly kind: 'flip' | 'fail' | 'mend' | 'doubt' | 'age'; readonly station: number };

const names = Array.from({ length: 12 }, (_, index) => `s${String(index).padStart(2, '0')}`);
const tickLike = fc.record({
  kind: fc.constantFrom('tick' as const, 'tick' as const, 'lost-tick' as const, 'work' as const),
  ms: fc.constantFrom(500, 1_000, 40_000, 400_000),
});
const happenings: fc.Arbitrary<Happening[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: tickLike },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constantFrom('pause', 'resume', 'resume', 'cancel', 'rollback') }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constantFrom('flip', 'fail', 'mend', 'doubt', 'age'),
        station: fc.nat(names.length - 1),
      }),
    },
  ),
  { maxLength: 60 },
);
const plans = fc.record({
  canary: fc.constantFrom(0, 1, 2, 0.2),
  waves: fc.record({
    base: fc.integer({ min: 1, max: 4 }),
    factor: fc.constantFrom(1, 2),
    max: fc.constantFrom(3, 6),
  }),
  failuresMax: fc.constantFrom(0, 1, 2, 0.25),
  successShare: fc.constantFrom(0, 0.5, 1),
  onFailure: fc.constantFrom('pause' as const, 'rollback' as const),
  deferS: fc.constantFrom(1, 10_000),
  soakS: fc.constantFrom(0, 30),
});
const shadowPlans = fc.record({
  stations: fc.constantFrom(0, 2, 0.5, 12),
  fruitsMin: fc.constantFrom(100, 500),
  forS: fc.constantFrom(0, 60),
  withinS: fc.constantFrom(10, 1_000),
});
/** Some with a shadow phase, most often. */
const shadowedPlans = fc
  .tuple(plans, fc.option(shadowPlans, { freq: 3 }))
  .map(([plan, shadow]) => (shadow ? { ...plan, shadow: { ...defaultShadowPlan, ...shadow } } : plan));

function happen(fleet: Fleet, happening: Happening): void {
  switch (happening.kind) {
    case 'tick':
      return void fleet.tick(happening.ms);
    case 'lost-tick':
      return void fleet.tick(happening.ms, false);
    case 'work':
      return void fleet.work();
    case 'flip': {
      const fake = fleet.of(names[happening.station]!);
      fake.online = !fake.online;
      return;
    }
    case 'fail':
      Object.assign(fleet.of(names[happening.station]!), { end: 'failed', shadowEnd: 'failed' });
      return;
    case 'mend':
      Object.assign(fleet.of(names[happening.station]!), {
        end: 'active',
        shadowEnd: 'running',
        agreesOn: 1,
      });
      return;
    case 'doubt':
      fleet.of(names[happening.station]!).agreesOn = 0.5;
      return;
    case 'age':
      fleet.of(names[happening.station]!).shadowEnd = undefined;
      return;
    default:
      fleet.event({ kind: happening.kind, ...person });
  }
}

describe('whatever happens', () => {
  it('a rollout keeps its promises', () => {
    fc.assert(
      fc.property(shadowedPlans, happenings, (plan, events) => {
        const fleet = new Fleet(names, plan, ['outsider']);
        for (const happening of events) {
          const before = fleet.state;
          fleet.last = undefined;
          happen(fleet, happening);
          const after = fleet.state;
          const sentNow = fleet.last === undefined ? [] : (fleet.last as RolloutStep).orders;
          expect(sentNow.every(({ station }) => names.includes(station))).toBe(true);
          expect(after.members.map(({ station }) => station)).toEqual(names);
          if (isTerminal(before.status)) expect(after).toEqual(before);
          const isEnd = (order: RolloutStep['orders'][number]) => 'shadow' in order && order.shadow === null;
          if (['cancelled', 'done'].includes(after.status)) expect(sentNow).toEqual([]);
          if (after.status === 'paused') expect(sentNow.filter((order) => !isEnd(order))).toEqual([]);
          // Nobody is sent the candidate before its shadow has passed, or a person said so.
          if (isShadowing(after)) {
            expect(after.members.every(({ sentAtMs }) => sentAtMs === null)).toBe(true);
            expect(sentNow.every((order) => 'shadow' in order)).toBe(true);
          }
          if (isTerminal(after.status) && !isTerminal(before.status))
            expect([...fleet.stations.values()].filter(({ shadow }) => shadow !== null)).toEqual([]);
          if (after.status === 'paused' || after.status === 'rolling-back') expect(after.why).not.toBeNull();
          if (happening.kind === 'cancel') expect(after.members).toEqual(before.members);
          // Nothing is sent ahead of its wave, nor once more failed than may.
          for (const order of sentNow) {
            if ('shadow' in order) continue;
            const { station, release } = order;
            if (release?.digest !== target.digest) continue;
            expect(after.members.find((member) => member.station === station)!.wave).toBeLessThanOrEqual(
              after.wave,
            );
            const limit =
              plan.failuresMax < 1 ? Math.floor(plan.failuresMax * names.length) : plan.failuresMax;
            expect(countFailures(before.members) - before.acceptedFailures).toBeLessThanOrEqual(limit);
          }
        }
      }),
      { numRuns: 400 },
    );
  });

  it('a rollback by a person takes it from every station that was sent it', () => {
    fc.assert(
      fc.property(shadowedPlans, happenings, (plan, events) => {
        const fleet = new Fleet(names, plan);
        for (const happening of events) happen(fleet, happening);
        if (!['running', 'paused'].includes(fleet.state.status)) return;
        fleet.event({ kind: 'rollback', ...person });
        fleet.turns(3);
        expect(fleet.state.status).toBe('rolled-back');
        for (const { station, sentAtMs } of fleet.state.members)
          if (sentAtMs !== null) expect(fleet.of(station).desired).not.toEqual(target);
      }),
      { numRuns: 200 },
    );
  });
});
