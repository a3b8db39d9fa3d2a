/** `pomona bench accuracy` with few fruit and a hardly trained model: the agent's own program measures, whatever it makes of the grades. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchResult } from '@pomona/training';
import type { Recipe } from '@pomona/wire';
import { beforeAll, describe, expect, it } from 'vitest';
import { runCli } from './support/cli.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const data = temporaryFolder();

beforeAll(async () => {
  for (const args of [
    ['dataset', 'draw', '--name', 'few', '--fruits', '30'],
    ['train', '--dataset', 'few', '--epochs', '1'],
  ]) {
    const { code, stderr } = await runCli([...args, '--data', data]);
    if (code !== 0) throw new Error(stderr);
  }
}, 120_000);

describe('pomona bench accuracy', () => {
  it('grades every fruit of each line once, touching ones too, and says what it measured wrongly', async () => {
    const lines = ['--scenario', 'usual', 'dim-light', '--fruits', '60', '--touching', '0.4'];
    const { code, stdout, stderr } = await runCli(['bench', 'accuracy', '--data', data, ...lines, '--json']);
    expect(code, stderr).toBe(0);
    const { rows } = JSON.parse(stdout) as BenchResult;
    for (const line of ['usual', 'dim-light']) {
      const figureOf = (what: string) => rows.find(({ name }) => name.startsWith(`${line}, int8: ${what}`))!;
      expect(figureOf('fruits that nobody graded')).toMatchObject({ value: 0, peerValue: 60 });
      expect(figureOf('fruits graded where none passed').value).toBe(0);
      expect(figureOf('identity switches (goal at most 0.2 %)').value).toBe(0);
      expect(figureOf('diameter, 95th percentile of the error (goal at most 2 mm)').value).toBeGreaterThan(0);
      expect(figureOf('defect area').peerValue).toBe(1.5);
      expect(figureOf('right, of all fruit').value).toBeLessThanOrEqual(100);
    }
    expect(rows).toHaveLength(20);
  }, 120_000);

  it('grades by a recipe that it is given', async () => {
    const file = join(data, 'recipe.json');
    const example = JSON.parse((await runCli(['recipe', 'example', 'good-ok-bad'])).stdout) as Recipe;
    const none = { name: 'none', when: { figure: 'views', below: 255 }, noBetterThan: 'bad' } as const;
    writeFileSync(file, JSON.stringify({ ...example, rules: [none] }));
    const line = ['--scenario', 'usual', '--fruits', '40', '--recipe', file];
    const { code, stdout, stderr } = await runCli(['bench', 'accuracy', '--data', data, ...line, '--json']);
    expect(code, stderr).toBe(0);
    const { rows } = JSON.parse(stdout) as BenchResult;
    const right = rows.find(({ name }) => name.startsWith('usual, int8: right, of all fruit'))!;
    // One drawn fruit in five is bad, and no other is graded right.
    expect(right.value).toBeLessThan(50);
    expect(rows.find(({ name }) => name.includes('bad fruit graded good'))!.value).toBe(0);
  }, 120_000);

  it('asks for the folder of a named model, and for a line that there is', async () => {
    for (const wrong of [
      ['--model', 'apples'],
      ['--scenario', 'fog'],
    ]) {
      const { code, stderr } = await runCli(['bench', 'accuracy', ...wrong]);
      expect(code).toBe(2);
      expect(stderr).toContain(wrong[0]);
    }
  });
});
