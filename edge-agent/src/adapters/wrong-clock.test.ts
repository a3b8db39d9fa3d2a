/**
 * A board without a battery clock wakes up in any year. What it runs goes on running, and is run again at a start, whatever
 * the clock, certificates and signatures say about the time; only something new waits for a time that can be right.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AttackedStation } from '../testing/attacked-station.ts';
import { type SampleRelease, sampleReleaseFiles } from '../testing/sample-release.ts';

const year = 365 * 86_400_000;
const [one, two] = [1, 2].map((version) => sampleReleaseFiles(version, 9_000)) as [
  SampleRelease,
  SampleRelease,
];
let folder = '';
let station: AttackedStation;
let rightMs: number;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pomona-clock-'));
  station = new AttackedStation(folder);
  await station.start();
  await station.publish(one);
  expect(await station.desire(1, one.ref)).toBe('active');
  rightMs = station.time.nowMs();
});
afterEach(async () => {
  await station.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe.each([
  ['1970', -56 * year],
  ['five years ago', -5 * year],
  ['in five years', 5 * year],
  ['in forty years', 40 * year],
])('a station whose clock says it is %s', (_, jumpMs) => {
  it('goes on with what it runs, and runs it again at a start without any network', async () => {
    const runner = await station.start();
    station.time.setWall(rightMs + jumpMs);
    station.server.up = false;
    await station.time.advance(60_000);
    expect(runner.state).toMatchObject({ running: { release: one.ref }, update: { state: 'active' } });
    await station.stop();
    station.runs.length = 0;
    const again = await station.start();
    expect(station.runs).toEqual([1]);
    expect(again.state).toMatchObject({ running: { release: one.ref }, update: { state: 'active' } });
  });

  it('takes a new release when the clock is right again, by itself', async () => {
    await station.publish(two);
    station.time.setWall(rightMs + jumpMs);
    const said = await station.desire(2, two.ref);
    // A clock that is behind is helped by the signed time; one that is ahead cannot be told from a world that was frozen.
    if (jumpMs < 0) return expect(said).toBe('active');
    expect(said).toMatch(/^failed: .*trust-expired/);
    expect(new Set(station.runs)).toEqual(new Set([1]));
    station.time.setWall(rightMs);
    await station.settle();
    expect(station.runs.at(-1)).toBe(2);
  });
});

describe('a station that met metadata of nobody', () => {
  it('looks again by itself, and takes the release when the right metadata is there', async () => {
    await station.publish(two);
    station.metadata = (name, bytes) => (name === 'timestamp.json' ? bytes?.subarray(0, 400) : bytes);
    expect(await station.desire(2, two.ref)).toMatch(/^failed: .*trust-refused/);
    station.metadata = (_, bytes) => bytes;
    await station.settle();
    expect(station.runs.at(-1)).toBe(2);
  });
});
