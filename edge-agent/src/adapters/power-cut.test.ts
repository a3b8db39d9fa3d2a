/**
 * Updates whose power goes, and that go on after a restart. Three kinds of it, each of which sees what the others do not:
 *
 * - SIGKILL at named points (`update-child.ts`), where a person would look for trouble. A killed process loses nothing that it
 *   gave to the system; a power cut may also lose a rename that was not fsynced yet, so there the test takes that rename back.
 * - A cut at every single call to the file system, more than 500 of them (`power-sweep.ts`). It happens within one process,
 *   on a disk that forgets what was not synced (`forgetful-disk.ts`): only so can contents and names be lost or torn, which
 *   no kill does. What it takes for granted is that nothing else of a dead process matters: the disk answers it no more.
 * - SIGKILL at every so-manieth of the same calls (`killed-life.ts`), and the restart is a new process as well. That shows what
 *   the second kind takes for granted: calls under way in other threads end or do not, and no memory, handle or lock lives on.
 *   Set POMONA_KILL_EVERY=1 for every call, which takes some minutes.
 */
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KilledLife, LifeReport } from '../testing/killed-life.ts';
import type { PowerSweep } from '../testing/power-sweep.ts';
import type { DoomedLife, KillPoint } from '../testing/update-child.ts';
import { lifeReleases, liveUpdates, type UpdateLife } from '../testing/update-life.ts';

const program = fileURLToPath(new URL('../../dist/testing/update-child.js', import.meta.url));
const [one, two] = [lifeReleases.get(1)!.ref, lifeReleases.get(2)!.ref];
let folder = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pomona-power-'));
  const dataDir = join(folder, 'worked');
  mkdirSync(dataDir);
  const { state } = await liveUpdates({ dataDir, desired: 1 });
  expect(state).toMatchObject({ update: { state: 'active' }, running: { release: one } });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Release 1 has worked, 2 is desired, and the agent dies; `between` is what the disk lost. Then it lives again. */
async function dieAndLive(
  dieAt: KillPoint,
  how: Partial<UpdateLife> = {},
  between = (_dataDir: string): void => undefined,
) {
  const dataDir = mkdtempSync(join(folder, 'cut-'));
  cpSync(join(folder, 'worked'), dataDir, { recursive: true });
  const life = { dataDir, desired: 2, ...how };
  expect(await die({ ...life, dieAt })).toBe('SIGKILL');
  between(dataDir);
  const { runs, state } = await liveUpdates(life);
  // Whatever happened, something that is whole runs again first of all.
  expect([1, 2]).toContain(runs[0]);
  expect(runs.at(-1)).toBe(state.running?.release.version);
  return { state, releases: readdirSync(join(dataDir, 'releases')) };
}

/** The signal that ended it; what it said when it ended in another way. */
function die(life: DoomedLife): Promise<string> {
  return new Promise((resolve) => {
    execFile(process.execPath, [program, JSON.stringify(life)], { timeout: 20_000 }, (error, _, stderr) =>
      resolve(error?.signal ?? `it did not die: ${stderr}`),
    );
  });
}

const runsTwo = { update: { state: 'active' }, running: { release: two }, previous: { release: one } };
const wentBack = {
  update: { state: 'rolled-back', release: two },
  running: { release: one },
  refused: [{ digest: two.digest }],
};

describe('when the power goes', { timeout: 30_000 }, () => {
  it.concurrent.each<KillPoint>([
    'before journal of planned',
    'after journal of fetching',
    'in the middle of a chunk',
    'after rename of the release',
    'after journal of probation',
    'after the line runs 2',
    'after journal of probation+soak',
    'before rename to journal of active',
  ])('%s, a good release runs in the end, with the one before kept', async (dieAt) => {
    const { state, releases } = await dieAndLive(dieAt);
    expect(state).toMatchObject(runsTwo);
    expect(releases.sort()).toEqual([one.digest, two.digest].sort());
  });

  it.concurrent('and takes the rename of the release along, it is staged again', async () => {
    const { state } = await dieAndLive('after rename of the release', {}, (dataDir) => {
      const complete = join(dataDir, 'releases', two.digest);
      renameSync(complete, `${complete}.partial`);
    });
    expect(state).toMatchObject(runsTwo);
  });

  it.concurrent.each<KillPoint>([
    'before journal of probation+verdict',
    'after journal of probation+verdict',
    'before journal of rolled-back',
    'after rename to journal of rolled-back',
    'before the release is removed',
  ])('%s, a bad release is taken back in the end, and refused', async (dieAt) => {
    const { state, releases } = await dieAndLive(dieAt, { crashes: 2 });
    expect(state).toMatchObject(wentBack);
    expect(releases).toContain(one.digest);
  });
});

describe('when the power goes at any call to the file system', () => {
  it('something that is whole runs again, in the end the right release, and no chunk is fetched twice', async () => {
    const sweep = fileURLToPath(new URL('../../dist/testing/power-sweep.js', import.meta.url));
    const output = await new Promise<string>((resolve, reject) =>
      execFile(process.execPath, [sweep, folder], { timeout: 230_000 }, (error, stdout) =>
        error ? reject(error) : resolve(stdout),
      ),
    );
    const { points, failures } = JSON.parse(output) as PowerSweep;
    expect(failures).toEqual([]);
    const total = Object.values(points).reduce((sum, count) => sum + count, 0);
    expect(total).toBeGreaterThanOrEqual(500);
  }, 240_000);
});

describe('when the process is killed at any call to the file system', () => {
  const every = Number(process.env.POMONA_KILL_EVERY ?? 20);
  const killed = fileURLToPath(new URL('../../dist/testing/killed-life.js', import.meta.url));
  const releases = [...lifeReleases.get(2)!.blobs.values()];
  const chunkCount = releases.reduce((sum, { byteLength }) => sum + Math.ceil(byteLength / 1_024), 0);

  /** The signal that ended it, null where it came to rest, and what it said last. */
  function live(life: KilledLife): Promise<{ signal: string | null; said: LifeReport }> {
    return new Promise((resolve, reject) => {
      const options = { timeout: 60_000, killSignal: 'SIGTERM' } as const;
      execFile(process.execPath, [killed, JSON.stringify(life)], options, (error, stdout, stderr) => {
        if (error && error.signal !== 'SIGKILL') return reject(new Error(`call ${life.dieAt}: ${stderr}`));
        resolve({ signal: error?.signal ?? null, said: JSON.parse(stdout) as LifeReport });
      });
    });
  }

  it.each([
    ['a good release runs in the end', {}, two],
    ['a bad release is taken back in the end', { crashes: 2 }, one],
  ] as const)(
    '%s, something whole runs meanwhile, and no chunk is fetched twice',
    async (name, how, wanted) => {
      const fresh = (): Omit<KilledLife, 'dieAt'> => {
        const dataDir = mkdtempSync(join(folder, 'killed-'));
        cpSync(join(folder, 'worked'), dataDir, { recursive: true });
        return { dataDir, desired: 2, haste: 1_000, ...how, stash: join(folder, 'stash', basename(dataDir)) };
      };
      const { signal, said: whole } = await live({ ...fresh(), dieAt: null });
      expect(signal).toBeNull();
      const points = Array.from({ length: Math.floor(whole.calls / every) }, (_, i) => (i + 1) * every);
      expect(points.length, 'calls to be killed at').toBeGreaterThan(0);
      const tryPoint = async (dieAt: number): Promise<void> => {
        const life = fresh();
        const at = `${name}: killed at call ${dieAt}`;
        const first = await live({ ...life, dieAt });
        // How often it waits for its probation is not the same each time: the last calls may not come.
        if (first.signal === null && dieAt > whole.calls - 2 * every) return;
        expect(first.signal, at).toBe('SIGKILL');
        const { signal, said } = await live({ ...life, dieAt: null });
        expect(signal, at).toBeNull();
        // `liveUpdates` throws where the line is to run a model that is not as it was signed.
        expect([1, 2], at).toContain(said.runs?.[0]);
        expect(said.running, at).toBe(wanted.digest);
        expect(existsSync(join(life.dataDir, 'releases', one.digest)), at).toBe(true);
        const damaged = readdirSync(life.dataDir).filter((file) => file.startsWith('update.json.damaged'));
        expect(damaged, at).toEqual([]);
        // One may have been written without its bit in the map.
        expect(first.said.chunkWrites + said.chunkWrites, at).toBeLessThanOrEqual(chunkCount + 1);
        rmSync(life.dataDir, { recursive: true });
      };
      const waiting = points.values();
      await Promise.all(
        [1, 2].map(async () => {
          for (const point of waiting) await tryPoint(point);
        }),
      );
    },
    every < 20 ? 600_000 : 120_000,
  );
});
