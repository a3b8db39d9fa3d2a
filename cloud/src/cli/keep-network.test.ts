import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { drawnOnce, keptNetwork } from './keep-network.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pomona-kept-'));
});

afterEach(() => rm(folder, { recursive: true }));

test('makes a network once, and leaves nothing but its file', async () => {
  let made = 0;
  const make = async (work: string) => {
    made++;
    await writeFile(join(work, 'model.onnx'), 'network');
    return join(work, 'model.onnx');
  };
  const file = await keptNetwork(folder, 'small-1', make);
  expect(await keptNetwork(folder, 'small-1', make)).toBe(file);
  expect(made).toBe(1);
  expect(await readFile(file, 'utf8')).toBe('network');
  expect(await readdir(folder)).toEqual(['small-1.onnx']);
});

test('goes on from what an interrupted one had drawn', async () => {
  let drawn = 0;
  const attempt = (isInterrupted: boolean) =>
    keptNetwork(folder, 'small-1', async (work) => {
      const dataset = await drawnOnce(work, async () => `dataset ${++drawn}`);
      if (isInterrupted) throw new Error('interrupted');
      await writeFile(join(work, 'model.onnx'), dataset);
      return join(work, 'model.onnx');
    });
  await expect(attempt(true)).rejects.toThrow('interrupted');
  expect(await readFile(await attempt(false), 'utf8')).toBe('dataset 1');
});
