/** Updates over a real release folder and a real journal, with a control plane that answers chunk requests. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestOf, encodeManifest, type Manifest } from '@pomona/release';
import { AppError, type Chunk, type Recipe, type ReleaseRef, seededRandom } from '@pomona/wire';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ProofFigures } from '../domain/probation.ts';
import { reportedOf, type UpdateState } from '../domain/update-state.ts';
import { ChunkServer } from '../testing/chunk-server.ts';
import { sampleBoot } from '../testing/sample-records.ts';
import {
  randomBytes,
  releaseOf,
  type SampleRelease,
  sampleDesired,
  sampleRecipe,
  sampleReleaseFiles,
} from '../testing/sample-release.ts';
import { VirtualTime } from '../testing/virtual-time.ts';
import { UpdateRunner } from '../use-cases/run-updates.ts';
import { TransferClient } from '../use-cases/transfer.ts';
import type { SelfTest, UpdateJournal } from '../use-cases/update-ports.ts';
import { openReleaseFolder } from './release-folder.ts';
import { openUpdateJournal } from './update-journal.ts';

const one = sampleReleaseFiles(1);
const two = sampleReleaseFiles(2, 40_000);
let folder = '';
let worlds: World[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pomona-updates-'));
});
afterEach(async () => {
  for (const world of worlds) await world.end();
  worlds = [];
  rmSync(folder, { recursive: true, force: true });
});

/** What outlives a killed agent: the disk, the control plane and what the line did. */
class World {
  readonly server = new ChunkServer();
  readonly time = new VirtualTime();
  readonly line: string[] = [];
  readonly trouble: string[] = [];
  readonly changes: UpdateState[] = [];

  constructor() {
    worlds.push(this);
  }

  dataDir = folder;
  selfTest: SelfTest = async () => ({ ok: true, msPerView: 1, reason: '' });
  freeMemoryBytes = 1e9;
  lineRefuses: string | undefined;
  /** What the line counts of a release, by its version. */
  proofs: Record<number, Partial<ProofFigures>> = {};
  #runs = 0;
  #frames = 0;
  trustSays: (ref: ReleaseRef) => Uint8Array = (ref) => {
    const found = [one, two].find(({ ref: { digest } }) => digest === ref.digest);
    if (!found) throw new AppError('release-unknown', 'not on the list', { hint: 'none' });
    return found.manifest;
  };
  #runners: UpdateRunner[] = [];

  publish(...releases: SampleRelease[]): this {
    for (const { blobs } of releases)
      for (const [digest, bytes] of blobs) this.server.files.set(`blobs/${digest}`, bytes);
    return this;
  }

  /** `dieAfter`: the agent is killed as soon as it has saved its state so often. */
  async start(dieAfter = Number.POSITIVE_INFINITY, onDeath = (): void => undefined): Promise<UpdateRunner> {
    let alive = true;
    let saves = 0;
    const onDisk = openUpdateJournal({
      dataDir: this.dataDir,
      desiredKeyPem: 'key',
      boot: sampleBoot,
      onMovedAside: (to) => this.trouble.push(to),
    });
    const journal: UpdateJournal = {
      load: () => onDisk.load(),
      save: async (state) => {
        await onDisk.save(state);
        if (++saves < dieAfter) return;
        alive = false;
        onDeath();
        await new Promise(() => undefined);
      },
    };
    const transfer = new TransferClient({
      link: {
        isUp: () => alive && this.server.up,
        send: (...message) => alive && this.server.send(...message),
      },
      scheduler: this.time,
      random: seededRandom(1),
      boot: sampleBoot,
      nextSeq: () => 0,
      onRejected: (_, cause) => this.trouble.push(cause),
    });
    this.server.deliver = (chunk) => alive && transfer.accept(chunk);
    const runner = new UpdateRunner({
      journal,
      transfer,
      store: openReleaseFolder(this.dataDir),
      findManifest: async (ref) => this.trustSays(ref),
      freeMemoryBytes: async () => this.freeMemoryBytes,
      selfTest: (variant) => this.selfTest(variant),
      line: {
        run: async (release, recipe) => {
          if (this.lineRefuses !== undefined)
            throw new AppError('line-run', this.lineRefuses, { hint: 'none' });
          readFileSync(release.modelFile);
          this.line.push(`run ${release.ref.version} recipe ${recipe.version}`);
          this.#runs = release.ref.version;
        },
        proof: () => ({ ...nothingCounted, frames: this.#frames++, ...this.proofs[this.#runs] }),
        setRecipe: async (recipe: Recipe) => {
          if (recipe.defaultGrade === 'purple')
            throw new AppError('recipe-invalid', 'purple is no grade', { hint: 'none' });
          this.line.push(`recipe ${recipe.version}`);
        },
      },
      probation: { soakS: 5, fruits: 50, missedShareMax: 0.1, unseenShareMax: 0.5 },
      scheduler: this.time,
      random: seededRandom(2),
      onChange: (state) => this.changes.push(state),
      onTrouble: (code) => this.trouble.push(code),
    });
    this.#runners.push(runner);
    await runner.load();
    await runner.start();
    return runner;
  }

  /** Lets go of what killed agents hold, since they share this process. */
  async end(): Promise<void> {
    const ends = this.#runners.map((runner) => runner.stop());
    await this.time.advance(1_000);
    await Promise.all(ends);
  }

  /** Lets time pass, virtual time for waits and real time for files, until the update is where it should come to. */
  async until(arrived: (state: UpdateState) => boolean, stepMs = 50): Promise<UpdateState> {
    const runner = this.#runners.at(-1)!;
    for (const deadline = Date.now() + 10_000; !arrived(runner.state); ) {
      if (Date.now() > deadline) throw new Error(`stuck in ${JSON.stringify(runner.state.update)}`);
      await this.time.advance(stepMs);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    return runner.state;
  }

  /** Until the desired state with this counter has come to rest. */
  settled(counter: number, stepMs?: number): Promise<UpdateState> {
    return this.until(
      ({ desired, update }) => desired?.counter === counter && resting.has(update.state),
      stepMs,
    );
  }
}

/** Of a release by which so many fruits were likeliest of each label. */
const counted = (byLabel: readonly number[]): Omit<ProofFigures, 'crashes' | 'hangs' | 'before'> => {
  const answered = byLabel.reduce((sum, count) => sum + count, 0);
  const conduct = { answered, byLabel, certainty: 0.9, timed: 0, timeUsedP99: 0, droppedFrames: 0 };
  return { frames: 500, fruits: answered, missedDeadlines: 0, unseen: 0, unusableViews: 0, conduct };
};
const nothingCounted = { crashes: 0, hangs: 0, fruits: 0, missedDeadlines: 0, unseen: 0, unusableViews: 0 };
const resting = new Set(['active', 'failed', 'rolled-back']);

function releasesOnDisk(): string[] {
  return readdirSync(join(folder, 'releases')).sort();
}

describe('an update', () => {
  it('fetches, verifies, tests and runs a release, and keeps the one before', async () => {
    const world = new World().publish(one, two);
    const runner = await world.start();
    void runner.desired(sampleDesired(1, one.ref));
    expect((await world.settled(1)).update.state).toBe('active');
    void runner.desired(sampleDesired(2, two.ref, sampleRecipe(2)));
    const state = await world.settled(2);
    expect(state.update).toMatchObject({ state: 'active', fetchedBytes: 40_384, totalBytes: 40_384 });
    expect(world.line).toEqual(['run 1 recipe 1', 'run 2 recipe 2']);
    expect(releasesOnDisk()).toEqual([one.ref.digest, two.ref.digest].sort());
    expect(world.trouble).toEqual([]);
    const states = world.changes.map(({ update }) => update.state);
    expect([...new Set(states)]).toEqual([
      'idle',
      'planned',
      'fetching',
      'verifying',
      'staged',
      'self-test',
      'probation',
      'active',
    ]);
    const bytes = world.changes.flatMap(({ update }) =>
      update.state === 'fetching' ? update.fetchedBytes : [],
    );
    expect(bytes).toContain(1_024);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'comes to its end when the agent is killed after its %ith save',
    async (saves) => {
      const world = new World().publish(one, two);
      const first = await world.start();
      void first.desired(sampleDesired(1, one.ref));
      await world.settled(1);
      await first.stop();
      let dead = false;
      const doomed = await world.start(saves, () => {
        dead = true;
      });
      void doomed.desired(sampleDesired(2, two.ref));
      await world.until(() => dead);
      world.line.length = 0;
      await world.start();
      const state = await world.settled(2);
      expect(state.update).toMatchObject({ state: 'active', release: two.ref });
      expect(state.previous).toMatchObject({ release: one.ref });
      expect(world.line.at(-1)).toBe('run 2 recipe 1');
      // What ran before is on again first, until the new release is ready.
      if (saves < 7) expect(world.line).toEqual(['run 1 recipe 1', 'run 2 recipe 1']);
    },
  );

  it('goes on with the chunks that are missing after a kill in the middle of fetching', async () => {
    const world = new World().publish(two);
    let sent = 0;
    world.server.distort = (chunk) => (sent++ < 15 ? [chunk] : []);
    const doomed = await world.start();
    void doomed.desired(sampleDesired(1, two.ref));
    await world.until(({ update }) => update.state === 'fetching' && update.fetchedBytes === 15 * 1_024, 1);
    world.server.deliver = () => undefined;
    world.server.requests.length = 0;
    world.server.distort = (chunk) => [chunk];
    await world.start();
    expect((await world.settled(1)).update.state).toBe('active');
    const asked = world.server.requests.reduce((sum, { count }) => sum + count, 0);
    expect(asked).toBe(40 - 15 + 1);
  });

  it('fetches what a power cut has torn again', async () => {
    const world = new World().publish(one, two);
    const runner = await world.start();
    void runner.desired(sampleDesired(1, two.ref));
    await world.settled(1);
    await runner.stop();
    const model = join(folder, 'releases', two.ref.digest, 'model.onnx');
    const bytes = readFileSync(model);
    bytes.fill(0, 10_000, 20_000);
    writeFileSync(model, bytes);
    await world.start();
    const state = await world.until(({ running, update }) => running !== null && update.state === 'active');
    expect(state.update.state).toBe('active');
    expect(world.line).toEqual(['run 2 recipe 1', 'run 2 recipe 1']);
    expect(world.trouble).toEqual(['release-restore']);
    expect(
      readFileSync(model)
        .subarray(10_000, 20_000)
        .some((byte) => byte !== 0),
    ).toBe(true);
  });

  it('changes only the recipe when only that changes', async () => {
    const world = new World().publish(one);
    const runner = await world.start();
    void runner.desired(sampleDesired(1, one.ref));
    await world.settled(1);
    world.server.requests.length = 0;
    void runner.desired(sampleDesired(2, one.ref, sampleRecipe(2)));
    await world.until(({ running }) => running?.recipe.version === 2);
    void runner.desired(sampleDesired(3, one.ref, sampleRecipe(3, 'purple')));
    const state = await world.until(({ update }) => update.state === 'failed');
    expect(state.update).toMatchObject({ state: 'failed', reason: expect.stringContaining('purple') });
    expect(state.running!.recipe.version).toBe(2);
    expect(world.line).toEqual(['run 1 recipe 1', 'recipe 2']);
    expect(world.server.requests).toEqual([]);
  });

  it('takes up the newer release when one is desired in the middle of fetching another', async () => {
    const world = new World().publish(one, two);
    let sent = 0;
    world.server.distort = (chunk) => (sent++ < 10 ? [chunk] : []);
    const runner = await world.start();
    void runner.desired(sampleDesired(1, two.ref));
    await world.until(({ update }) => update.state === 'fetching' && update.fetchedBytes > 0, 1);
    world.server.distort = (chunk) => [chunk];
    void runner.desired(sampleDesired(2, one.ref));
    expect((await world.settled(2)).update).toMatchObject({ state: 'active', release: one.ref });
    expect(releasesOnDisk()).toEqual([one.ref.digest]);
    expect(world.line).toEqual(['run 1 recipe 1']);
  });
});

describe('chunks that the device has already', () => {
  /** `next` after `before` has worked, with what was asked for of it. */
  async function fetchAfter(
    before: SampleRelease,
    next: SampleRelease,
    meanwhile = (_beforeFolder: string): void => undefined,
  ) {
    const world = new World().publish(before, next);
    world.trustSays = (ref) => [before, next].find(({ ref: { digest } }) => digest === ref.digest)!.manifest;
    const runner = await world.start();
    void runner.desired(sampleDesired(1, before.ref));
    await world.settled(1);
    meanwhile(join(folder, 'releases', before.ref.digest));
    world.server.requests.length = 0;
    void runner.desired(sampleDesired(2, next.ref));
    const state = await world.settled(2);
    expect(state.update).toMatchObject({ state: 'active', release: next.ref });
    expect(readFileSync(join(folder, 'releases', next.ref.digest, 'model.onnx'))).toEqual(
      Buffer.from([...next.blobs.values()][0]!),
    );
    const asked = world.server.requests.flatMap(({ path, from, count }) =>
      Array.from({ length: count }, (_, i) => `${path.slice('blobs/'.length)} ${from + i}`),
    );
    return { world, runner, asked, reported: reportedOf(state).update };
  }

  const model = randomBytes(11, 40_000);
  const before = releaseOf(1, model);
  const [modelDigest, goldenDigest] = [...before.blobs.keys()];

  it('are copied: of a release that differs in one file, only that file is fetched', async () => {
    const next = releaseOf(2, model);
    const { asked, reported } = await fetchAfter(before, next);
    expect(asked).toEqual([`${[...next.blobs.keys()][1]} 0`]);
    expect(reported).toMatchObject({ fetchedBytes: 40_384, reusedBytes: 40_000, totalBytes: 40_384 });
  });

  it('are found where a few bytes more stand before them, and what was put in is fetched', async () => {
    const longer = Buffer.concat([model.subarray(0, 100), Buffer.from('shift'), model.subarray(100)]);
    const { asked, reported } = await fetchAfter(before, releaseOf(2, longer, 1));
    expect(asked).toEqual([`${digestOf(longer)} 0`]);
    expect(reported).toMatchObject({ reusedBytes: 40_384 + 5 - 1_024 });
  });

  it('are found by the lists alone where a release of before has no sums', async () => {
    const withoutSums = ({ manifest, ...release }: SampleRelease): SampleRelease => {
      const old = JSON.parse(manifest.toString()) as Manifest;
      for (const file of old.files) delete file.sums;
      const bytes = encodeManifest(old);
      return { ...release, manifest: bytes, ref: { ...release.ref, digest: digestOf(bytes) } };
    };
    const changed = Buffer.from(model);
    changed[5_000] = changed[5_000]! ^ 1;
    const { asked } = await fetchAfter(withoutSums(before), withoutSums(releaseOf(2, changed, 1)));
    expect(asked).toEqual([`${digestOf(changed)} 4`]);
  });

  it('are fetched where they are damaged on this disk, and nothing wrong is installed', async () => {
    const { asked, reported } = await fetchAfter(before, releaseOf(2, model), (worked) => {
      const poisoned = readFileSync(join(worked, 'model.onnx'));
      poisoned[10_000] = poisoned[10_000]! ^ 1;
      writeFileSync(join(worked, 'model.onnx'), poisoned);
      rmSync(join(worked, 'golden.u8'));
    });
    expect(asked).toContain(`${modelDigest} 9`);
    expect(asked).toHaveLength(2);
    expect(reported).toMatchObject({ reusedBytes: 40_000 - 1_024 });
  });

  it('are not looked for in a release whose manifest is not its own', async () => {
    const { asked } = await fetchAfter(before, releaseOf(2, randomBytes(11, 40_000), 1), (worked) => {
      writeFileSync(join(worked, 'manifest.json'), releaseOf(9, model).manifest);
    });
    expect(asked).toHaveLength(41);
    expect(asked).toContain(`${goldenDigest} 0`);
  });
});

describe('a release whose self-test had no room on the board', () => {
  const roomy: SelfTest = async () => ({ ok: true, msPerView: 1, reason: '' });
  const short: SelfTest = async () => {
    throw new AppError('memory-short', 'no room', { hint: 'none', retryable: true });
  };

  it.each([
    ['by our own word', short],
    [
      'because no process could be forked',
      () => Promise.reject(Object.assign(new Error(), { code: 'ENOMEM' })),
    ],
  ])('is tried again: %s', async (_, fails) => {
    const world = new World().publish(one);
    let tries = 0;
    world.selfTest = (variant) => (tries++ < 2 ? fails(variant) : roomy(variant));
    const runner = await world.start();
    void runner.desired(sampleDesired(1, one.ref));
    await world.until(({ update }) => update.state === 'active', 1_000);
    expect(tries).toBe(3);
  });
});

describe('a release that is refused', () => {
  async function afterRefusal(spoil: (world: World) => void) {
    const world = new World().publish(one, two);
    const runner = await world.start();
    void runner.desired(sampleDesired(1, one.ref));
    await world.settled(1);
    spoil(world);
    void runner.desired(sampleDesired(2, two.ref));
    const state = await world.settled(2);
    expect(state.running).toMatchObject({ release: one.ref });
    expect(world.line).toEqual(['run 1 recipe 1']);
    return { world, state, runner };
  }

  it('because a byte of it was changed', async () => {
    const { world, state } = await afterRefusal(({ server }) => {
      server.distort = (chunk) => (chunk.index === 7 ? [changeByte(chunk)] : [chunk]);
    });
    expect(state.update).toMatchObject({
      state: 'failed',
      retry: false,
      reason: expect.stringContaining('chunk 7'),
    });
    expect(world.trouble).toEqual(Array(5).fill('wrong-hash'));
  });

  it('because the trusted list does not vouch for it', async () => {
    const { state } = await afterRefusal((world) => {
      world.trustSays = () => {
        throw new AppError('release-differs', 'another digest', { hint: 'none' });
      };
    });
    expect(state.update).toMatchObject({ state: 'failed', retry: false });
  });

  it('because its manifest is of another version than it says', async () => {
    const { state } = await afterRefusal((world) => {
      world.trustSays = () => sampleReleaseFiles(3).manifest;
    });
    expect(state.update).toMatchObject({ state: 'failed', reason: expect.stringContaining('apples 3') });
  });

  it('because no variant passes its golden views, until a newer desired state names it again', async () => {
    const { world, state, runner } = await afterRefusal((spoilt) => {
      spoilt.selfTest = async () => ({ ok: false, msPerView: 0, reason: 'off by 0.4' });
    });
    expect(state.update).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('fp32: off by 0.4'),
    });
    world.selfTest = async () => ({ ok: true, msPerView: 1, reason: '' });
    await runner.desired(sampleDesired(2, two.ref));
    await world.time.advance(3_600_000);
    expect(runner.state.update.state).toBe('failed');
    void runner.desired(sampleDesired(3, two.ref));
    expect((await world.settled(3)).update.state).toBe('active');
  });

  it('because the line cannot run it', async () => {
    const { state } = await afterRefusal((world) => {
      world.lineRefuses = 'no such operator';
    });
    expect(state.update).toMatchObject({
      state: 'rolled-back',
      reason: expect.stringContaining('no such operator'),
    });
  });
});

describe('a release on probation', () => {
  async function afterProbation(proof: Partial<ProofFigures>) {
    const world = new World().publish(one, two);
    const runner = await world.start();
    void runner.desired(sampleDesired(1, one.ref));
    await world.settled(1);
    world.proofs = { 2: proof };
    void runner.desired(sampleDesired(2, two.ref));
    await world.until(
      ({ update, running }) => update.state === 'probation' && running?.release.version === 2,
    );
    const startedMs = world.time.monotonicMs();
    const state = await world.settled(2);
    return { world, runner, state, tookMs: world.time.monotonicMs() - startedMs };
  }

  it('is active after its time on an empty belt, and not before', async () => {
    const { state, tookMs } = await afterProbation({});
    expect(state.update).toMatchObject({ state: 'active', release: two.ref });
    expect(tookMs).toBeGreaterThan(4_000);
  });

  it('waits while the camera is down, and is active after its time with frames', async () => {
    const world = new World().publish(one, two);
    const runner = await world.start();
    void runner.desired(sampleDesired(1, one.ref));
    await world.settled(1);
    world.proofs = { 2: { frames: 7 } };
    void runner.desired(sampleDesired(2, two.ref));
    await world.until(({ update }) => update.state === 'probation' && update.soak !== undefined);
    const startedMs = world.time.monotonicMs();
    await world.until(() => world.time.monotonicMs() - startedMs > 60_000, 500);
    expect(runner.state.update.state).toBe('probation');
    world.proofs = {};
    expect((await world.settled(2)).update).toMatchObject({ state: 'active', release: two.ref });
  });

  it('is active sooner with enough fruits graded in time', async () => {
    const { state, tookMs } = await afterProbation({ fruits: 50 });
    expect(state.update).toMatchObject({ state: 'active', release: two.ref });
    expect(tookMs).toBeLessThan(4_000);
  });

  it.each([
    [{ crashes: 1 }, 'the grading worker ended'],
    [{ hangs: 1 }, 'the grading worker hung'],
    [{ fruits: 1, unusableViews: 3 }, 'no numbers for 3 views'],
    [{ fruits: 20, missedDeadlines: 3 }, '15 % of 20 fruits were late, 10 % may be'],
    [{ fruits: 20, unseen: 11 }, '55 % of 20 fruits were not seen well, 50 % may be'],
    [{ ...counted([100, 0]), before: counted([300, 200]) }, 'it holds all of 100 fruits for the same'],
  ])('goes back without the network when the line counts %j', async (proof, reason) => {
    const { world, state } = await afterProbation(proof);
    expect(state.update).toMatchObject({ state: 'rolled-back', reason: expect.stringContaining(reason) });
    expect(state.running).toMatchObject({ release: one.ref });
    expect(world.line).toEqual(['run 1 recipe 1', 'run 2 recipe 1', 'run 1 recipe 1']);
    await world.until(() => releasesOnDisk().length === 1);
    expect(releasesOnDisk()).toEqual([one.ref.digest]);
    world.server.up = false;
    const later = await world.start();
    expect(later.state.running).toMatchObject({ release: one.ref });
    expect(world.line.at(-1)).toBe('run 1 recipe 1');
  });

  it('that went back is refused also after a restart, and runs when it is desired with retry', async () => {
    const { world, runner } = await afterProbation({ crashes: 1 });
    await runner.stop();
    const later = await world.start();
    await later.desired(sampleDesired(3, two.ref));
    expect(later.state.update).toMatchObject({
      state: 'rolled-back',
      reason: expect.stringContaining('refused'),
    });
    world.proofs = {};
    void later.desired({ ...sampleDesired(4, two.ref), retry: true });
    expect((await world.settled(4)).update).toMatchObject({ state: 'active', release: two.ref });
    expect(later.state.refused).toEqual([]);
  });

  it('keeps the way back when the release before was torn: what runs goes on, and both reasons are told', async () => {
    const world = new World().publish(one, two);
    const runner = await world.start();
    void runner.desired(sampleDesired(1, one.ref));
    await world.settled(1);
    void runner.desired(sampleDesired(2, two.ref));
    await world.until(({ update }) => update.state === 'probation' && update.soak !== undefined);
    writeFileSync(join(folder, 'releases', one.ref.digest, 'model.onnx'), 'torn');
    world.proofs = { 2: { crashes: 1 } };
    const state = await world.settled(2);
    expect(state.update).toMatchObject({
      state: 'failed',
      reason: expect.stringMatching(/worker ended.*release before does not run.*damaged/),
    });
    expect(state.running).toMatchObject({ release: two.ref });
  });
});

describe('a release that this board cannot run', () => {
  const manifestOf = (change: object) =>
    Buffer.from(JSON.stringify({ ...JSON.parse(two.manifest.toString()), ...change }));

  it.each([
    ['another layout', { input: { size: 8, layout: 'nchw-float32' } }, 'manifest-invalid'],
    ['views that are too large', { input: { size: 513, layout: 'nhwc-uint8-rgb' } }, 'manifest-invalid'],
    [
      'views of another size than its golden ones',
      { input: { size: 9, layout: 'nhwc-uint8-rgb' } },
      'manifest-invalid',
    ],
    ['a label too many', { labels: ['good', 'ok', 'bad', 'worse'] }, 'manifest-invalid'],
    ['labels that the recipe does not know', { labels: ['sound', 'so-so', 'rotten'] }, 'recipe-invalid'],
    ['a newer opset', { runtime: { onnx: { opset: 99 } } }, 'release-runtime'],
    ['another runtime', { runtime: { tflite: { opset: 1 } } }, 'release-runtime'],
  ])('is refused for %s before a byte of it is fetched', async (_, change, code) => {
    const world = new World().publish(one, two);
    const runner = await world.start();
    void runner.desired(sampleDesired(1, one.ref));
    await world.settled(1);
    const requests = world.server.requests.length;
    world.trustSays = () => manifestOf(change);
    void runner.desired(sampleDesired(2, two.ref));
    const state = await world.settled(2);
    expect(reportedOf(state).update).toMatchObject({
      ...{ state: 'failed', retry: false, fetchedBytes: 0, reason: expect.stringContaining(code) },
    });
    expect(state.running).toMatchObject({ release: one.ref });
    expect(world.server.requests.length).toBe(requests);
    expect(releasesOnDisk()).toEqual([one.ref.digest]);
  });

  it('waits for memory, says so, and comes when there is some', async () => {
    const world = new World().publish(one, two);
    const runner = await world.start();
    void runner.desired(sampleDesired(1, one.ref));
    await world.settled(1);
    const requests = world.server.requests.length;
    world.freeMemoryBytes = 40e6;
    void runner.desired(sampleDesired(2, two.ref));
    const failed = await world.settled(2);
    expect(failed.update).toMatchObject({ state: 'failed', retry: true });
    expect(reportedOf(failed).update.reason).toContain('MB of memory beside what runs, 40 MB are free');
    expect(world.server.requests.length).toBe(requests);
    world.freeMemoryBytes = 1e9;
    const state = await world.until(({ update }) => update.state === 'active', 1_000);
    expect(state.running).toMatchObject({ release: two.ref });
  });
});

describe('a disk that is full', () => {
  it('makes the update fail and try again, and leaves running what runs', async (context) => {
    const mounted = join(folder, 'small');
    mkdirSync(mounted);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=20m', 'tmpfs', mounted], { stdio: 'pipe' });
    } catch (error) {
      if (process.env.POMONA_REQUIRE_ALL === '1') throw error;
      context.skip(`no right to mount a small disk: ${(error as Error).message.split('\n')[0]}`);
    }
    try {
      const world = new World().publish(one, two);
      world.dataDir = mounted;
      const runner = await world.start();
      void runner.desired(sampleDesired(1, one.ref));
      expect((await world.settled(1)).update.state).toBe('active');
      const ballast = join(mounted, 'ballast');
      const failed = { state: 'failed', retry: true };
      // First too little is free to begin.
      execFileSync('fallocate', ['-l', '8m', ballast]);
      void runner.desired(sampleDesired(2, two.ref));
      const tooSmall = await world.until(({ update }) => update.state === 'failed', 1);
      expect(tooSmall.update).toMatchObject({ ...failed, reason: expect.stringContaining('disk-full') });
      // Then the disk fills up while chunks are written, and for a while not even the journal can be.
      let fills = true;
      world.server.distort = (chunk) => {
        if (fills) fillUp(ballast);
        fills = false;
        return [chunk];
      };
      rmSync(ballast);
      await world.until(() => world.trouble.includes('journal-write'));
      expect(world.line).toEqual(['run 1 recipe 1']);
      rmSync(ballast);
      const state = await world.until(({ update }) => update.state === 'active', 5_000);
      expect(state.update).toMatchObject({ state: 'active', release: two.ref });
      expect(world.changes.map(({ update }) => 'reason' in update && update.reason)).toContainEqual(
        expect.stringContaining('ENOSPC'),
      );
      expect(world.line).toEqual(['run 1 recipe 1', 'run 2 recipe 1']);
      await world.end();
    } finally {
      execFileSync('umount', ['-l', mounted]);
    }
  });
});

function fillUp(file: string): void {
  try {
    for (let bytes = 1_000_000; ; ) writeFileSync(file, new Uint8Array(bytes), { flag: 'a' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}

function changeByte(chunk: Chunk): Chunk {
  const data = Uint8Array.from(chunk.data);
  data[0] = data[0]! ^ 1;
  return { ...chunk, data };
}
