/** Some stations and a rollout over them, for tests of `step`. */
import { defaultRolloutPlan, type RolloutPlan, type ShadowFigures, type UpdateStateName } from '@pomona/wire';
import { beginRollout, type RolloutEvent, step } from '../domain/rollout.ts';
import type { Observed, RolloutState } from '../domain/rollout-state.ts';
import type { RolloutStep } from '../domain/rollout-step.ts';

export const target = { name: 'apples', version: 2, digest: '2'.repeat(64) };
export const earlier = { name: 'apples', version: 1, digest: '1'.repeat(64) };
export const person = { actor: 'ada', reason: 'because' };

export interface Fake {
  online: boolean;
  quiet: string | null;
  /** What the station makes of a release that it is sent. */
  end: UpdateStateName;
  refuses: boolean;
  counter: number;
  desired: typeof target | null;
  heard: number;
  state: UpdateStateName;
  fruits: number;
  missed: number;
  timeUsed: number;
  bad: number;
  isDrifted: boolean;
  /** The digest that it is told to run silently. */
  shadow: string | null;
  /** Undefined: its agent is from before there were shadows. */
  shadowEnd: 'running' | 'failed' | undefined;
  /** Since the rollout began: compared by both, of them those that both gave the same grade. */
  compared: number;
  agreed: number;
  comparesEach: number;
  agreesOn: number;
  msPerView: number;
}

/** Some stations and a rollout over them; orders are carried out as `setDesired` does. */
export class Fleet {
  readonly stations: Map<string, Fake>;
  readonly spec;
  state: RolloutState;
  last: RolloutStep | undefined;
  nowMs = 1_000;
  ordered: string[] = [];

  constructor(names: readonly string[], plan: Partial<RolloutPlan> = {}, outsiders: readonly string[] = []) {
    this.spec = { release: target, plan: { ...defaultRolloutPlan, ...plan } };
    this.stations = new Map(
      [...names, ...outsiders].map((name) => [
        name,
        {
          online: true,
          quiet: null,
          end: 'active',
          refuses: false,
          counter: 1,
          desired: earlier,
          heard: 1,
          state: 'active',
          fruits: 1_000,
          missed: 0,
          timeUsed: 0.03,
          bad: 0,
          isDrifted: false,
          shadow: null,
          shadowEnd: 'running',
          compared: 0,
          agreed: 0,
          comparesEach: 100,
          agreesOn: 1,
          msPerView: 1,
        },
      ]),
    );
    this.state = beginRollout(this.spec, names, this.nowMs);
  }

  of(name: string): Fake {
    return this.stations.get(name)!;
  }

  /** `give` false: the program ended before the orders were given. */
  event(event: RolloutEvent, give = true): RolloutStep {
    const next = step(this.spec, this.state, event, this.nowMs);
    this.state = JSON.parse(JSON.stringify(next.state)) as RolloutState;
    this.last = next;
    if (!give) return next;
    for (const order of next.orders) {
      const { station } = order;
      const fake = this.of(station);
      if ('shadow' in order) {
        if (fake.desired === null) throw new Error(`${station} runs nothing`);
        fake.shadow = order.shadow && target.digest;
        fake.counter++;
        this.ordered.push(`${station} ${order.shadow ? 'shadow' : 'no shadow'}`);
        continue;
      }
      const { release } = order;
      if (fake.desired?.digest === release?.digest && fake.state === 'active')
        throw new Error(`${station} twice`);
      fake.desired = release;
      fake.shadow = null;
      fake.counter++;
      this.ordered.push(station);
    }
    return next;
  }

  /** Stations that are online hear their orders, and are done with them. */
  work(): void {
    for (const fake of this.stations.values()) {
      if (!fake.online) continue;
      if (fake.shadow !== null && fake.shadowEnd === 'running') {
        fake.compared += fake.comparesEach;
        fake.agreed += Math.round(fake.comparesEach * fake.agreesOn);
      }
      if (fake.heard === fake.counter) continue;
      fake.heard = fake.counter;
      fake.state = fake.desired?.digest === target.digest ? fake.end : 'active';
    }
  }

  tick(afterMs = 1_000, give = true): RolloutStep {
    this.nowMs += afterMs;
    const observed = new Map([...this.stations].map(([name, fake]) => [name, this.#observed(name, fake)]));
    return this.event({ kind: 'tick', observed }, give);
  }

  turns(count: number): void {
    for (let i = 0; i < count; i++) {
      this.tick();
      this.work();
    }
  }

  outcome(name: string): string | undefined {
    return this.state.members.find(({ station }) => station === name)?.outcome;
  }

  #observed(station: string, fake: Fake): Observed {
    const heardOurs = fake.heard === fake.counter && fake.desired?.digest === target.digest;
    const running = heardOurs && fake.state === 'active' ? target : earlier;
    const failed = heardOurs && ['failed', 'rolled-back'].includes(fake.state);
    return {
      station,
      online: fake.online,
      quiet: fake.quiet,
      update: {
        state: fake.state,
        digest: heardOurs ? target.digest : earlier.digest,
        reason: failed ? 'too slow' : null,
        retry: false,
      },
      running,
      heardCounter: fake.heard,
      refused: fake.refuses ? [target.digest] : [],
      desired: { counter: fake.counter, release: fake.desired },
      shadow: {
        desired: fake.shadow,
        reported:
          fake.shadowEnd &&
          (fake.heard === fake.counter && fake.shadow !== null
            ? {
                digest: fake.shadow,
                state: fake.shadowEnd,
                reason: fake.shadowEnd === 'failed' ? 'no variant passed its self-test' : null,
              }
            : null),
        figures: fake.compared === 0 ? null : comparedBy(fake),
      },
      isDrifted: fake.isDrifted,
      figures: {
        grades: { good: fake.fruits - fake.bad, bad: fake.bad },
        fruitsPerSecond: 5,
        recent: {
          release: running.digest,
          fruits: Math.min(fake.fruits, 1_000),
          missedDeadlines: fake.missed,
          timeUsed: { p50: fake.timeUsed / 2, p95: fake.timeUsed },
        },
      },
    };
  }
}

function comparedBy({ compared, agreed, msPerView }: Fake): ShadowFigures {
  const pairs = [
    { champion: 'good', candidate: 'good', count: agreed },
    { champion: 'good', candidate: 'bad', count: compared - agreed },
  ];
  return {
    fruits: compared,
    skipped: 0,
    views: compared * 5,
    pairs: pairs.filter(({ count }) => count > 0),
    msPerView: { champion: 1, candidate: msPerView },
  };
}
