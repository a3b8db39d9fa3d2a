/**
 * Cuts the power at every call of an update to the file system, one point after the other, and lives again after each.
 * Run as `node power-sweep.js FOLDER`; FOLDER/worked is a data folder in which release 1 has worked. Prints a JSON of
 * `PowerSweep`.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { systemErrorCode } from '@pomona/wire';
import { type Cut, ForgetfulDisk, standBetween } from './forgetful-disk.ts';
import { lifeReleases, liveUpdates } from './update-life.ts';

export interface PowerSweep {
  /** By scenario and cut: how many points were tried. */
  readonly points: Readonly<Record<string, number>>;
  readonly failures: readonly string[];
}

const haste = 1_000;
const failuresMax = 20;
const folder = process.argv[2] ?? '';
const release = lifeReleases.get(2)!;
const chunkCountMax = [...release.blobs.values()].reduce(
  (sum, { byteLength }) => sum + Math.ceil(byteLength / 1_024),
  0,
);

let lives = 0;
const points: Record<string, number> = {};
const failures: string[] = [];
mkdirSync(join(folder, 'stash'), { recursive: true });
standBetween(join(folder, 'stash'));
for (const [scenario, cut, crashes] of [
  ['a good release', 'lost', undefined],
  ['a good release', 'kill', undefined],
  ['a good release', 'torn', undefined],
  ['a bad release', 'lost', 2],
] as const) {
  const name = `${scenario}, ${cut}`;
  points[name] = 0;
  for (let call = 1; failures.length < failuresMax && (await tryPoint(call, cut, crashes, name)); call++);
}
process.stdout.write(JSON.stringify({ points, failures } satisfies PowerSweep));
process.exit();

/** False when the update was over before the power went. */
async function tryPoint(call: number, cut: Cut, crashes: number | undefined, name: string): Promise<boolean> {
  // What a life before still had in hand may come late: not into this one's folder.
  const dataDir = join(folder, `cut-${lives++}`);
  await removeWhenQuiet(join(folder, `cut-${lives - 2}`));
  cpSync(join(folder, 'worked'), dataDir, { recursive: true });
  const life = { dataDir, desired: 2, haste, ...(crashes === undefined ? {} : { crashes }) };
  const first = new ForgetfulDisk(call);
  const died = first.death.then(() => true);
  const lived = first
    .run(() => liveUpdates(life, { isDead: () => first.dead }))
    .then(
      () => first.dead,
      (error: Error) => fail(name, call, `it failed before the power went: ${error.message}`),
    );
  if (!(await Promise.race([died, lived]))) return false;
  // Without contents to tear it is the same as a kill.
  if (cut === 'torn' && !first.hasUnsyncedContent) {
    await first.lose('kill');
    return true;
  }
  await first.lose(cut);
  points[name] = (points[name] ?? 0) + 1;
  const second = new ForgetfulDisk();
  try {
    const { runs, state } = await second.run(() => liveUpdates(life));
    const [good, bad] = [lifeReleases.get(1)!.ref.digest, release.ref.digest];
    const wanted = crashes === undefined ? bad : good;
    if (![1, 2].includes(runs[0] ?? 0)) fail(name, call, `nothing ran at first: ${runs}`);
    if (state.running?.release.digest !== wanted)
      fail(name, call, `in the end ${JSON.stringify(state.running)} ran`);
    if (!existsSync(join(dataDir, 'releases', good))) fail(name, call, 'the release before is gone');
    const temporary = readdirSync(dataDir).filter((each) => each.startsWith('update.json.damaged'));
    if (temporary.length > 0) fail(name, call, 'the journal was damaged');
    if (cut === 'kill' && first.chunkWrites + second.chunkWrites > chunkCountMax + 1)
      fail(name, call, `${first.chunkWrites} chunks were written before and ${second.chunkWrites} after`);
  } catch (error) {
    fail(name, call, error instanceof Error ? error.message : String(error));
  }
  await second.lose('kill');
  return true;
}

/** What comes late may come into a folder that is being emptied: then it is emptied again. */
async function removeWhenQuiet(dataDir: string): Promise<void> {
  for (let triesLeft = 50; ; triesLeft--) {
    try {
      rmSync(dataDir, { recursive: true, force: true });
      return;
    } catch (error) {
      if (triesLeft === 0 || systemErrorCode(error) !== 'ENOTEMPTY') throw error;
    }
    await pause(20);
  }
}

function fail(name: string, call: number, what: string): boolean {
  failures.push(`${name} at call ${call}: ${what}`);
  return true;
}
