import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Shot } from '../domain/gate.ts';
import { openGateLog } from './gate-log.ts';

const shot: Shot = {
  boot: '00000000000000aa',
  seq: 3,
  lane: 1,
  gate: 2,
  grade: 'bad',
  at: '2026-01-01T00:00:00.000Z',
  decidedAtMs: 1000.5,
  dueAtMs: 2000.25,
  positionMm: 936,
};
const never = (code: string): never => {
  throw new Error(`trouble: ${code}`);
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gate-log-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const lines = (file: string): unknown[] =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('the gate log', () => {
  it('adds a line per shot, also to the file of the run before', async () => {
    const file = join(folder, 'gate.jsonl');
    for (const seq of [1, 2]) {
      const gate = openGateLog({ file, onTrouble: never });
      gate.shoot({ ...shot, seq });
      await gate.close();
      await gate.close();
    }
    expect(lines(file)).toEqual([
      { ...shot, seq: 1 },
      { ...shot, seq: 2 },
    ]);
  });

  it('writes no due time for a belt that stands', async () => {
    const file = join(folder, 'gate.jsonl');
    const gate = openGateLog({ file, onTrouble: never });
    gate.shoot({ ...shot, dueAtMs: Number.POSITIVE_INFINITY });
    await gate.close();
    expect(lines(file)).toEqual([{ ...shot, dueAtMs: null }]);
  });

  it('keeps one older file and no more', async () => {
    const file = join(folder, 'gate.jsonl');
    const gate = openGateLog({ file, bytesMax: 500, onTrouble: never });
    for (let seq = 0; seq < 20; seq++) gate.shoot({ ...shot, seq });
    await gate.close();
    expect(lines(file).at(-1)).toMatchObject({ seq: 19 });
    const kept = [...lines(`${file}.1`), ...lines(file)];
    expect(kept.length).toBeGreaterThan(2);
    expect(kept.length).toBeLessThan(8);
  });

  it('goes on in the file that it has when it cannot be moved, and tells of it once', async () => {
    const file = join(folder, 'gate.jsonl');
    mkdirSync(join(`${file}.1`, 'in the way'), { recursive: true });
    const troubles: string[] = [];
    const gate = openGateLog({ file, bytesMax: 500, onTrouble: (_, message) => troubles.push(message) });
    for (let seq = 0; seq < 20; seq++) gate.shoot({ ...shot, seq });
    expect(lines(file)).toHaveLength(20);
    expect(troubles).toEqual([expect.stringMatching(/could not be moved to .*gate\.jsonl\.1: E/)]);
    // Somebody else moves it: a new one is begun.
    renameSync(file, join(folder, 'elsewhere.jsonl'));
    gate.shoot({ ...shot, seq: 20 });
    await gate.close();
    expect(lines(file)).toEqual([{ ...shot, seq: 20 }]);
  });

  it('tells of a full disk once and does not stop the line', async () => {
    const troubles: string[] = [];
    const gate = openGateLog({
      file: '/dev/full',
      onTrouble: (code, message) => troubles.push(`${code} ${message}`),
    });
    for (let seq = 0; seq < 3; seq++) gate.shoot({ ...shot, seq });
    await gate.close();
    expect(troubles).toEqual(['gate-log a shot could not be written to /dev/full: ENOSPC']);
  });
});
