import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { arch, platform, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { installedBytes } from './installed-size.ts';

const root = mkdtempSync(join(tmpdir(), 'pomona-installed-'));
afterAll(() => rmSync(root, { recursive: true }));

/** Returns its size. */
function write(path: string, text: string): number {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return text.length;
}

function writePackage(folder: string, described: object): number {
  return write(`${folder}/package.json`, JSON.stringify(described));
}

it('counts what a package installs, and each that it depends on once, for this machine alone', async () => {
  let expected = 0;
  expected += writePackage('agent', {
    ...{ name: 'agent', version: '1.0.0', private: true, files: ['dist', '!dist/**/*.map'] },
    ...{ dependencies: { runtime: '1', helper: '1' }, devDependencies: { tool: '1' } },
  });
  expected += write('agent/dist/main.js', 'x'.repeat(1000));
  write('agent/dist/main.js.map', 'x'.repeat(5000));
  write('agent/src/main.ts', 'x'.repeat(5000));
  expected += writePackage('store/runtime', { name: 'runtime', dependencies: { helper: '1' } });
  expected += write(`store/runtime/bin/napi-v6/${platform()}/${arch()}/lib.so`, 'x'.repeat(2000));
  write(`store/runtime/bin/napi-v6/${platform()}/other/lib.so`, 'x'.repeat(5000));
  write('store/runtime/bin/napi-v6/beos/x64/lib.so', 'x'.repeat(5000));
  // Each needs the other.
  expected += writePackage('store/helper', { name: 'helper', dependencies: { runtime: '1' } });
  expected += write('store/helper/lib/index.js', 'x'.repeat(300));
  writePackage('store/tool', { name: 'tool' });
  for (const user of ['agent', 'store/runtime', 'store/helper']) {
    mkdirSync(join(root, user, 'node_modules'));
    for (const name of ['runtime', 'helper', 'tool'])
      symlinkSync(join(root, 'store', name), join(root, user, 'node_modules', name));
  }
  expect(await installedBytes(join(root, 'agent'))).toBe(expected);
});
