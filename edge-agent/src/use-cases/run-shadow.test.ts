import { type Desired, decode, type Payload, seededRandom } from '@pomona/wire';
import { beforeEach, describe, expect, it } from 'vitest';
import { forgetfulReleases } from '../adapters/forgetful-releases.ts';
import type { FromShadow, ShadowSetup } from '../domain/shadow-messages.ts';
import { emptyUpdateState, type UpdateState } from '../domain/update-state.ts';
import { sampleAt, sampleBoot } from '../testing/sample-records.ts';
import { runnableReleaseFiles, sampleDesired, sampleRecipe } from '../testing/sample-release.ts';
import { VirtualTime } from '../testing/virtual-time.ts';
import type { SampleHead } from './pack-sample.ts';
import { type ShadowRun, ShadowRunner } from './run-shadow.ts';

const champion = runnableReleaseFiles(1);
const candidate = runnableReleaseFiles(2);
const larger = runnableReleaseFiles(3, 32);
const all = [champion, candidate, larger];

class World {
  readonly time = new VirtualTime();
  readonly store = forgetfulReleases();
  readonly reports: string[] = [];
  readonly sent: Payload<'shadow'>[] = [];
  readonly samples: SampleHead[] = [];
  readonly troubles: string[] = [];
  readonly opened: ShadowSetup[] = [];
  passedOver = 0;
  isUp = true;
  starts = 0;
  /** Of the fetch. */
  fails: Error | undefined;
  say: (message: FromShadow) => void = () => undefined;
  die: (reason: string) => void = () => undefined;
  readonly runner: ShadowRunner;

  constructor() {
    this.runner = new ShadowRunner({
      store: this.store,
      findManifest: async ({ digest }) => all.find(({ ref }) => ref.digest === digest)!.manifest,
      transfer: {
        fetchChunks: async (_, sink) => {
          if (this.fails) throw this.fails;
          for (const index of sink.missing()) await sink.write(index, new Uint8Array());
        },
      },
      selfTest: async () => ({ ok: true, msPerView: 1, reason: '' }),
      line: {
        run: async () => undefined,
        setRecipe: async () => undefined,
        proof: () => ({
          frames: 0,
          fruits: 0,
          missedDeadlines: 0,
          unseen: 0,
          unusableViews: 0,
          crashes: 0,
          hangs: 0,
        }),
      },
      probation: { soakS: 1, fruits: 1, missedShareMax: 1, unseenShareMax: 1 },
      scheduler: this.time,
      random: seededRandom(1),
      open: (setup, onMessage) => this.#open(setup, onMessage),
      starts: {
        count: async () => ++this.starts,
        well: async () => {
          this.starts = 0;
        },
      },
      samples: {
        pack: async (head) => {
          this.samples.push(head);
          return true;
        },
      },
      link: {
        isUp: () => this.isUp,
        send: (channel, bytes) => {
          const decoded = decode(channel as 'shadow', bytes);
          if (!decoded.ok) throw new Error(decoded.detail);
          this.sent.push(decoded.value);
          return true;
        },
      },
      boot: sampleBoot,
      nextSeq: () => this.sent.length,
      onChange: () => {
        const report = this.runner.reported();
        this.reports.push(report === null ? 'none' : [report.state, report.reason ?? []].flat().join(': '));
      },
      onTrouble: (code) => this.troubles.push(code),
      tellMs: 1_000,
    });
  }

  #open(setup: ShadowSetup, onMessage: (message: FromShadow) => void): ShadowRun {
    this.opened.push(setup);
    this.say = onMessage;
    const ended = new Promise<string>((resolve) => {
      this.die = resolve;
    });
    onMessage({ kind: 'running' });
    return {
      ended,
      offered: () => undefined,
      passedOver: () => this.passedOver,
      stop: async () => this.die('told'),
    };
  }

  /** Lets what is under way go as far as it goes without time. */
  async settle(): Promise<void> {
    for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
  }

  async follow(state: UpdateState): Promise<void> {
    this.runner.follow(state);
    await this.settle();
  }

  async pass(ms: number): Promise<void> {
    await this.time.advance(ms);
    await this.settle();
  }
}

function running(shadow: Desired['shadow'], change: Partial<UpdateState> = {}): UpdateState {
  const recipe = sampleRecipe();
  return {
    ...emptyUpdateState,
    desired: { ...sampleDesired(7, champion.ref), ...(shadow && { shadow }) },
    running: { release: champion.ref, variant: 'fp32', recipe, since: sampleAt, slot: 'a' },
    update: { state: 'active', release: champion.ref, tries: 0, fetchedBytes: 0, totalBytes: 0 },
    ...change,
  };
}
const order = (release = candidate.ref): NonNullable<Desired['shadow']> => ({
  rollout: 5,
  release,
  recipe: sampleRecipe(),
  samplesPerDayMax: 10,
});

let world: World;
beforeEach(async () => {
  world = new World();
  // What grades is on the device.
  await world.store.begin(champion.ref.digest, champion.manifest);
  await world.store.complete(champion.ref.digest);
});

describe('a desired shadow', () => {
  it('is prepared beside what runs, counted, told of with all of the boot, and ended by the next desired state', async () => {
    await world.follow(running(order()));
    expect(world.reports).toEqual(['preparing', 'running']);
    expect(world.opened[0]).toMatchObject({
      champion: { ref: champion.ref },
      candidate: { ref: candidate.ref },
    });
    world.say({ kind: 'raced', champion: 1, candidate: 1.5 });
    world.say({ kind: 'compared', champion: 'good', candidate: 'good', views: 4 });
    world.say({ kind: 'compared', champion: 'good', candidate: 'bad', views: 5 });
    world.passedOver = 3;
    await world.pass(1_000);
    world.isUp = false;
    world.say({ kind: 'compared', champion: 'good', candidate: 'bad', views: 5 });
    await world.pass(1_000);
    expect(world.sent).toHaveLength(1);
    world.isUp = true;
    await world.pass(1_000);
    expect(world.sent.at(-1)).toMatchObject({
      ...{ rollout: 5, champion: champion.ref, candidate: candidate.ref },
      ...{ fruits: 3, views: 14, skipped: 3, msPerView: { champion: 1, candidate: 1.5 } },
      pairs: [
        { champion: 'good', candidate: 'good', count: 1 },
        { champion: 'good', candidate: 'bad', count: 2 },
      ],
    });
    await world.follow(running(undefined));
    expect(world.reports.at(-1)).toBe('none');
    expect(world.starts).toBe(0);
  });

  it('goes on with its counts when it is begun again in the same boot', async () => {
    await world.follow(running(order()));
    world.say({ kind: 'compared', champion: 'good', candidate: 'good', views: 4 });
    await world.follow(running(undefined));
    await world.follow(running(order()));
    world.say({ kind: 'compared', champion: 'good', candidate: 'good', views: 4 });
    await world.pass(1_000);
    expect(world.sent.at(-1)).toMatchObject({ fruits: 2 });
  });

  it('waits for an update under way, and has the candidate’s sample sent with what both said', async () => {
    const update = {
      state: 'fetching' as const,
      release: champion.ref,
      tries: 0,
      fetchedBytes: 0,
      totalBytes: 1,
    };
    await world.follow(running(order(), { update }));
    expect(world.reports).toEqual(['waiting']);
    await world.follow(running(order()));
    const fruit = { seq: 3, at: sampleAt, lane: 0, grade: 'good', probabilities: [0.8, 0.1, 0.1] };
    world.say({ kind: 'disagreed', fruit, candidate: 'bad', crops: [] });
    expect(world.samples).toMatchObject([
      {
        reason: 'disagreeing',
        release: champion.ref,
        candidate: { release: candidate.ref, grade: 'bad' },
        fruit: { grade: 'good' },
      },
    ]);
  });

  it('fails where views are of another size, where it was rolled back, and where it says so', async () => {
    await world.follow(running(order(larger.ref)));
    expect(world.reports.at(-1)).toMatch(/^failed: it looks at views of 32 pixels/);
    await world.follow(running(order(), { refused: [{ digest: candidate.ref.digest, reason: 'too slow' }] }));
    expect(world.reports.at(-1)).toBe('failed: it was rolled back here: too slow');
    await world.follow(running(order()));
    world.say({ kind: 'failed', reason: 'it does not fit' });
    await world.settle();
    expect(world.reports.at(-1)).toBe('failed: it does not fit');
    expect(world.opened).toHaveLength(1);
  });

  it('tries what may pass again, and gives a candidate up whose process ends each time', async () => {
    world.fails = Object.assign(new Error('no room'), { code: 'ENOSPC' });
    await world.follow(running(order()));
    expect(world.reports.at(-1)).toBe('preparing: no room');
    world.fails = undefined;
    await world.pass(10_000);
    expect(world.reports.at(-1)).toBe('running');
    for (let i = 0; i < 3; i++) {
      world.die('out of memory');
      await world.settle();
      await world.pass(60_000);
    }
    expect(world.troubles).toEqual(['shadow-ended', 'shadow-ended', 'shadow-ended']);
    expect(world.reports.at(-1)).toMatch(/^failed: its process ended/);
    expect(world.opened).toHaveLength(3);
  });

  it('ends with the agent', async () => {
    await world.follow(running(order()));
    await world.runner.stop();
    expect(world.starts).toBe(0);
  });
});
