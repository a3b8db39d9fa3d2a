/** The demo on real photographs, where a folder of them stands beside the repository. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runCli } from './support/cli.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const photographs = fileURLToPath(new URL('../../shared/data/apples-phone', import.meta.url));
const turntable = fileURLToPath(new URL('../../shared/data/apples-turntable', import.meta.url));
const present = existsSync(photographs) && existsSync(turntable);
if (!present) console.warn(`SKIPPED: no photographs at ${photographs} and ${turntable}`);

describe.skipIf(!present)('the demo on photographs', () => {
  it('learns from phone photographs and grades turntable fruit rolling down the line', async () => {
    const data = temporaryFolder();
    const { code, stdout, stderr } = await runCli([
      ...['demo', '--images', photographs, '--camera', `replay:${turntable}`],
      ...['--data', data, '--json', '--fruits', '60', '--epochs', '6'],
    ]);
    expect(code, stderr).toBe(0);
    const summary = JSON.parse(stdout);
    console.log(stdout);
    expect(summary.fruits).toBeGreaterThan(30);
    expect(summary.missedFruits).toBeLessThanOrEqual(1);
    // The photographs of each grade were taken in sessions of their own, and six epochs on them are no model (0.07 to 0.41
    // were seen): whatever accuracy this gives is reported. A figure near 1 on sessions that training never saw is a leak.
    expect(summary.accuracy).toBeGreaterThanOrEqual(0);
    expect(Object.keys(summary.confusion)).toEqual(['good', 'ok', 'bad']);
    expect(summary.modelAccuracyHeldOut).toBeGreaterThan(0);
    expect(summary.modelAccuracyHeldOut).toBeLessThan(0.99);
    expect(stderr).toMatch(/left out/);
  }, 600_000);
});
