/** The demo, whole: what it promises on the simulated line, and how it stops. */
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runCli, startCli } from './support/cli.ts';
import { temporaryFolder } from './support/temporary-folder.ts';
import { tinyDemo } from './support/tiny-demo.ts';

/** Of two demos that end soon: the second finds a model that is trained already. */
const tinyFolder = temporaryFolder();

describe('demo', () => {
  it('grades apples of a line it never saw as well as it promises', async () => {
    const data = temporaryFolder();
    const { code, stdout, stderr } = await runCli([
      ...['demo', '--data', data, '--json', '--fruits', '600', '--rate', '8', '--seed', '11'],
      // Half of the training that a demo does by itself is enough to keep its promises.
      ...['--training-fruits', '1500', '--epochs', '24'],
    ]);
    expect(code, stderr).toBe(0);
    const summary = JSON.parse(stdout);
    console.log(stdout);
    expect(summary.fruits).toBeGreaterThan(500);
    expect(summary.accuracy).toBeGreaterThanOrEqual(0.95);
    expect(summary.accuracyClear).toBeGreaterThanOrEqual(0.98);
    // One fruit of the hundred bad ones may slip; half a per cent only shows over thousands of fruits.
    expect(summary.badAsGood).toBeLessThanOrEqual(0.015);
    expect(summary.missedFruits).toBeLessThanOrEqual(1);
    expect(summary.phantomFruits).toBeLessThanOrEqual(1);
    expect(summary.modelDigest).toMatch(/^[0-9a-f]{64}$/);
    expect(summary.releaseBytes).toBeGreaterThan(10_000);
    expect(summary.trainImagesPerSecond).toBeGreaterThan(0);
    expect(summary.latencyMs.p99).toBeGreaterThan(summary.latencyMs.p50);
    expect(summary.agents).toHaveLength(2);
    for (const agent of summary.agents) expect(agent.rssMb).toBeLessThanOrEqual(250);
  }, 600_000);

  it('stops cleanly on Ctrl-C at every stage, and goes on where it was', async () => {
    const data = tinyFolder;
    const args = ['demo', ...tinyDemo, '--agents', '1', '--data', data, '--json', '--fruits', '15'];
    const stages = [
      /drawing/,
      /training sequential/,
      /console {3}http/,
      /enrolled|fetching|staged|runs apples/,
    ];
    for (const stage of stages) {
      const demo = startCli(args);
      await demo.until(stage);
      demo.kill('SIGINT');
      const { code, stderr } = await demo.finished;
      expect(code, `${stage}\n${stderr}`).toBe(130);
      expect(stderr).toMatch(/stopp/);
      expect(existsSync(`${data}/running.json`)).toBe(false);
    }
    const { code, stdout, stderr } = await runCli(args);
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout).fruits).toBeGreaterThan(0);
    expect(stderr).toMatch(/trained already/);
  }, 300_000);

  it('ends with a summary on Ctrl-C while the line runs', async () => {
    const data = tinyFolder;
    const demo = startCli(['demo', ...tinyDemo, '--agents', '1', '--data', data, '--json']);
    await demo.until(/grading; Ctrl-C ends it/);
    await demo.until(/\d+ fruits graded/);
    demo.kill('SIGINT');
    const { code, stdout, stderr } = await demo.finished;
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout).fruits).toBeGreaterThan(0);
  }, 300_000);
});
