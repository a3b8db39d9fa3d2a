/** What `bundle.mjs` made of the programs, as the test script leaves it. */
import { execFile } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const programs = [
  'edge-agent/dist/main.js',
  'edge-agent/dist/grading-worker.js',
  'edge-agent/dist/gate-worker.js',
  'edge-agent/dist/self-test-main.js',
  'edge-agent/dist/shadow-main.js',
  'edge-agent/dist/sim-main.js',
  'models/orchard/dist/camera-main.js',
  'cloud/dist/cli/main.js',
  'cloud/dist/photograph-worker.js',
  'cloud/dist/predict-worker.js',
];
/** Native code, and what brings files of its own. */
const apart = ['onnxruntime-node', 'better-sqlite3', 'sharp', '@pomona/training'];

describe('a program', () => {
  it.each(programs)('%s is bundled with all it imports', (program) => {
    const { files, packages } = reach(join(root, program));
    expect([...files].filter((file) => file !== basename(program) && !file.startsWith('bundled-'))).toEqual(
      [],
    );
    expect([...packages].filter((name) => !apart.includes(name))).toEqual([]);
  });

  it('is not bundled again while nothing changes', async () => {
    const times = () => programs.map((program) => statSync(join(root, program)).mtimeMs);
    const before = times();
    await promisify(execFile)(process.execPath, [join(root, 'bundle.mjs')]);
    expect(times()).toEqual(before);
  });
});

/** The files beside a program and the packages that it imports, at once or later. */
function reach(program: string): { files: Set<string>; packages: Set<string> } {
  const files = new Set([basename(program)]);
  const packages = new Set<string>();
  for (const file of files) {
    const code = readFileSync(join(dirname(program), file), 'utf8');
    for (const [, from] of code.matchAll(/^(?:import|export)\b[^"'`\n]*?["']([^"']+)["']/gm)) add(from!);
    for (const [, from] of code.matchAll(/\bawait import\("(\.[^"]+)"\)/g)) add(from!);
  }
  return { files, packages };

  function add(from: string): void {
    if (from.startsWith('.')) files.add(from.replace('./', ''));
    else if (!from.startsWith('node:') && !builtinModules.includes(from)) packages.add(from);
  }
}
