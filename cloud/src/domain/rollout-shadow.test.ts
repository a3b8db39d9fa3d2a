import { defaultShadowPlan, type ShadowPlan } from '@pomona/wire';
import { describe, expect, it } from 'vitest';
import { earlier, Fleet, person, target } from '../testing/rollout-fleet.ts';

const names = ['a', 'b', 'c', 'd'];
const shadowed = (change: Partial<ShadowPlan> = {}, plan = {}) =>
  new Fleet(names, {
    ...plan,
    shadow: { ...defaultShadowPlan, fruitsMin: 300, forS: 10, withinS: 600, ...change },
  });

describe('the shadow phase', () => {
  it('tells the stations of the canary, and only when they have compared enough for long enough comes the canary', () => {
    const fleet = shadowed();
    fleet.turns(6);
    expect(fleet.ordered).toEqual(['a shadow']);
    expect(fleet.of('a').desired).toEqual(earlier);
    expect(fleet.state).toMatchObject({ status: 'running', shadow: { endedAtMs: null } });
    expect(fleet.of('a').compared).toBeGreaterThanOrEqual(300);
    fleet.turns(10);
    expect(fleet.state.shadow?.endedAtMs).not.toBeNull();
    expect(fleet.ordered.slice(0, 2)).toEqual(['a shadow', 'a']);
    fleet.turns(10);
    expect(fleet.state.status).toBe('done');
  });

  it('has a number or a share of stations of its own, and tells those that are not of the canary to end it', () => {
    for (const stations of [2, 0.5]) {
      const fleet = shadowed({ stations });
      fleet.turns(20);
      expect(fleet.ordered.slice(0, 4)).toEqual(['a shadow', 'b shadow', 'a', 'b no shadow']);
      fleet.turns(20);
      expect(fleet.state.status).toBe('done');
      expect([...fleet.stations.values()].map(({ desired }) => desired)).toEqual(names.map(() => target));
    }
  });

  it('stops at a candidate that grades otherwise, says how, and no station grades with it', () => {
    const fleet = shadowed();
    fleet.of('a').agreesOn = 0.7;
    fleet.turns(8);
    expect(fleet.state).toMatchObject({
      status: 'paused',
      why: 'shadow: at a it gave 70.0 % of 300 fruits the grade that they got, 85.0 % must; most apart: 90 that were good it calls bad',
    });
    fleet.turns(5);
    expect(fleet.ordered).toEqual(['a shadow', 'a no shadow']);
    expect(fleet.state.members[0]?.shadow).toMatchObject({ state: 'running' });
    expect(names.map((name) => fleet.of(name).desired)).toEqual(names.map(() => earlier));
  });

  it('stops at shares that are apart although most fruits agree, and at a candidate that is too slow', () => {
    const apart = shadowed({ agreementMin: 0.5 });
    apart.of('a').agreesOn = 0.8;
    apart.turns(8);
    expect(apart.state.why).toBe('shadow: at a it would call 80.0 % of 300 fruits good, 100.0 % were');
    const slow = shadowed();
    slow.of('a').msPerView = 2.5;
    slow.turns(8);
    expect(slow.state.why).toBe(
      'shadow: at a it needs 2.50 ms for a view, the release that runs 1.00 ms; at most 2 times as much may be',
    );
  });

  it('stops at once at a candidate that a station cannot run, and goes back by itself where the plan says so', () => {
    const fleet = shadowed({}, { onFailure: 'rollback' });
    fleet.of('a').shadowEnd = 'failed';
    fleet.turns(6);
    expect(fleet.state).toMatchObject({
      status: 'rolled-back',
      why: 'shadow: a cannot run it: no variant passed its self-test',
    });
    expect(fleet.of('a').shadow).toBeNull();
  });

  it('does not hold an older agent against the candidate, and stops where there is none but those', () => {
    const fleet = shadowed({ stations: 2 });
    fleet.of('a').shadowEnd = undefined;
    fleet.turns(20);
    expect(fleet.state.members[0]?.shadow).toMatchObject({ state: 'declined' });
    expect(fleet.state.shadow?.endedAtMs).not.toBeNull();
    const old = shadowed();
    old.of('a').shadowEnd = undefined;
    old.turns(4);
    expect(old.state).toMatchObject({
      status: 'paused',
      why: 'shadow: no station can run it: a: its agent is from before there were shadows; it goes on with its release',
    });
    expect(old.of('a').desired).toEqual(earlier);
  });

  it('goes on after its time with the stations that compared enough, and stops without one', () => {
    const fleet = shadowed({ stations: 2, withinS: 60 });
    fleet.of('b').online = false;
    fleet.turns(70);
    expect(fleet.state.shadow?.endedAtMs).not.toBeNull();
    const empty = shadowed({ withinS: 60 });
    empty.of('a').comparesEach = 2;
    empty.turns(70);
    expect(empty.state.status).toBe('paused');
    expect(empty.state.why).toMatch(
      /^shadow: no station compared 300 fruits within 60 s, the most were 1\d\d$/,
    );
  });

  it('ends its shadows with a pause and begins them again with what was counted, or goes on when it was judged', () => {
    const fleet = shadowed();
    fleet.turns(3);
    const counted = fleet.of('a').compared;
    fleet.event({ kind: 'pause', ...person });
    fleet.turns(3);
    expect(fleet.of('a').shadow).toBeNull();
    fleet.event({ kind: 'resume', ...person });
    fleet.turns(2);
    expect(fleet.ordered).toEqual(['a shadow', 'a no shadow', 'a shadow']);
    expect(fleet.state.members[0]?.shadow?.figures?.fruits).toBeGreaterThanOrEqual(counted);
    fleet.of('a').agreesOn = 0;
    fleet.turns(30);
    expect(fleet.state.status).toBe('paused');
    fleet.event({ kind: 'resume', ...person });
    fleet.turns(20);
    expect(fleet.state.status).toBe('done');
  });

  it('is cancelled once no station is told of the candidate any more, and leaves their releases alone', () => {
    const fleet = shadowed({ stations: 2 });
    fleet.turns(3);
    fleet.event({ kind: 'cancel', ...person });
    expect(fleet.state.status).toBe('rolling-back');
    fleet.tick(1_000, false);
    fleet.turns(3);
    expect(fleet.state.status).toBe('cancelled');
    expect(names.map((name) => fleet.of(name).shadow)).toEqual(names.map(() => null));
    expect(names.map((name) => fleet.of(name).desired)).toEqual(names.map(() => earlier));
  });

  it('is over for a rollout that is cancelled among its waves', () => {
    const fleet = shadowed({ stations: 2 }, { soakS: 1_000 });
    fleet.turns(20);
    expect(fleet.ordered.at(-1)).toBe('b no shadow');
    fleet.event({ kind: 'cancel', ...person });
    expect(fleet.state.status).toBe('cancelled');
  });

  it('gives an order that was lost again, and none twice', () => {
    const fleet = shadowed();
    fleet.tick(1_000, false);
    expect(fleet.of('a').shadow).toBeNull();
    fleet.tick();
    fleet.tick();
    expect(fleet.ordered).toEqual(['a shadow']);
  });

  it('takes an order from elsewhere for no word against the candidate', () => {
    const fleet = shadowed({ stations: 2 });
    fleet.turns(2);
    Object.assign(fleet.of('a'), { shadow: null, counter: fleet.of('a').counter + 1 });
    fleet.turns(2);
    expect(fleet.state.members[0]?.shadow).toMatchObject({
      state: 'declined',
      reason: 'another order took the place of this one',
    });
    expect(fleet.state.status).toBe('running');
  });
});
