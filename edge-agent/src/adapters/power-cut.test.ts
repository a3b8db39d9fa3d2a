/**
 * Updates that are killed at a named point and go on after a restart. A killed process loses nothing that it gave to the
 * system; a power cut may also lose a rename that was not fsynced yet, so there the test takes that rename back.
 */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
