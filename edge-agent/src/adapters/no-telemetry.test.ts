import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';

const program = fileURLToPath(new URL('../../dist/testing/load-model.js', import.meta.url));
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pomona-telemetry-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('loads a model without ONNX Runtime collecting anything about it', () => {
  const home = join(folder, 'home');
  mkdirSync(home);
  // The library collects nothing under continuous integration, which would hide what it does on a line.
  const { PATH } = process.env;
  const said = execFileSync(process.execPath, [program, join(folder, 'model.onnx')], {
    env: { PATH, HOME: home, XDG_CACHE_HOME: home },
    encoding: 'utf8',
  });
  expect(said).toBe('ok');
  expect(readdirSync(home, { recursive: true })).toEqual([]);
});
