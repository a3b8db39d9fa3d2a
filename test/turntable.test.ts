/** Turning fruit as a turntable's photographs show it, played on a line: the bench's parts, on drawn fruit and with hardly trained models. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { photographOfCrop } from '@pomona/cloud/testing';
import { drawPortrait, renderViews, trueGrades } from '@pomona/orchard';
import type { BenchResult } from '@pomona/training';
import { beforeAll, describe, expect, it } from 'vitest';
import { runCli } from './support/cli.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const data = temporaryFolder();
const images = join(data, 'turning');
const frames = 6;
const size = 96;
const fruits = ['sound-1', 'bruised-1'];

beforeAll(async () => {
  for (const args of [
    ['dataset', 'draw', '--name', 'few', '--fruits', '30'],
    ['train', '--dataset', 'few', '--epochs', '1'],
  ]) {
    const { code, stderr } = await runCli([...args, '--data', data]);
    if (code !== 0) throw new Error(stderr);
  }
  await photograph();
}, 120_000);

/** Each fruit about two axes, before a white wall. */
async function photograph(): Promise<void> {
  const index = ['path,fruit,condition,axis,frame'];
  const turns = [...renderViews({ seed: 4, fruits: 4, viewsPerFruit: frames, size })];
  for (const [at, { crops }] of turns.entries()) {
    const name = fruits[at >> 1]!;
    mkdirSync(join(images, name), { recursive: true });
    for (let frame = 0; frame < frames; frame++) {
      const path = `${name}/r${at & 1}_${frame}.png`;
      const crop = crops.subarray(frame * size ** 2 * 3, (frame + 1) * size ** 2 * 3);
      await photographOfCrop(crop, size).toFile(join(images, path));
      index.push(`${path},${name},${name.split('-')[0]},${at & 1},${frame}`);
    }
  }
  writeFileSync(join(images, 'index.csv'), `${index.join('\n')}\n`);
}

describe('pomona bench turntable', () => {
  it('rolls each fruit once from each of its sides, loses none, and says what they were graded', async () => {
    const args = ['bench', 'turntable', '--images', images, '--data', data, '--views', '6', '--json'];
    const { code, stdout, stderr } = await runCli(args);
    expect(code, stderr).toBe(0);
    const rowsOf = (variant: string) => {
      const { rows } = JSON.parse(stdout) as BenchResult;
      return rows.filter(({ name }) => name.startsWith(`${variant}: `));
    };
    for (const variant of ['fp32', 'int8']) {
      const rows = rowsOf(variant);
      const figureOf = (what: string) => rows.find(({ name }) => name.includes(what))?.value;
      for (const fruit of fruits) {
        const graded = rows.filter(({ name }) => name.includes(fruit) && name.includes(' graded '));
        expect(graded.map(({ peerValue }) => peerValue)).toEqual(Array(3).fill(2 * frames));
        expect(graded.reduce((sum, { value }) => sum + value, 0)).toBe(2 * frames);
        const looks = rows.find(({ name }) => name.includes(`${fruit}: single views`));
        expect(looks?.peerValue).toBeGreaterThanOrEqual(2 * frames * 5);
        expect(Math.abs(figureOf(`${fruit}: diameter, mean error`)!)).toBeLessThan(3);
        expect(figureOf(`${fruit}: diameter, standard deviation`)).toBeLessThan(3);
      }
      expect(figureOf('passes that nobody graded (limit 0)')).toBe(0);
      expect(figureOf('fruits graded where none passed (limit 0)')).toBe(0);
      expect(figureOf('passes not seen well enough (limit 0)')).toBe(0);
    }
  }, 120_000);

  it('trains and calibrates a model of its own where none is named', async () => {
    const photographs = join(data, 'photographs');
    for (let index = 0; index < 45; index++) {
      const { crop, grade } = drawPortrait({ seed: 9, size, cells: 12, grades: trueGrades }, index);
      mkdirSync(join(photographs, grade), { recursive: true });
      await photographOfCrop(crop, size).toFile(join(photographs, grade, `${index}.png`));
    }
    const own = ['--phone', photographs, '--portraits', '700', '--epochs', '8'];
    const { code, stdout, stderr } = await runCli([
      'bench',
      'turntable',
      '--images',
      images,
      ...own,
      '--json',
    ]);
    expect(code, stderr).toBe(0);
    const { rows } = JSON.parse(stdout) as BenchResult;
    expect(rows.find(({ name }) => name.includes('passes that nobody graded'))?.value).toBe(0);
  }, 240_000);

  it('asks for a model, or for what one can be calibrated on', async () => {
    for (const named of [[], ['--model', 'apples'], ['--data', data, '--phone', images]]) {
      const { code, stderr } = await runCli(['bench', 'turntable', '--images', images, ...named]);
      expect(code).toBe(2);
      expect(stderr).toContain('--phone');
    }
  });
});
