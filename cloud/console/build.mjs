// Builds the console into `dist`, unless `dist` is newer than everything it is made of. `pnpm demo` and `pnpm test`
// run this each time, so the case of nothing to do must cost next to nothing: Vite is loaded only when needed.
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('.', import.meta.url));
const dist = join(root, 'dist');
const stamp = join(dist, '.built');
const madeOf = [
  'src',
  'public',
  'index.html',
  'vite.config.ts',
  'package.json',
  'build.mjs',
  '../../pnpm-lock.yaml',
];

const newestMs = Math.max(...(await Promise.all(madeOf.map((name) => newestIn(join(root, name))))));
const builtMs = await modifiedMs(stamp);

if (builtMs === undefined || builtMs <= newestMs || process.argv.includes('--force')) {
  // A test runner's `NODE_ENV` would give React's slow development build.
  process.env.NODE_ENV = 'production';
  const { build } = await import('vite');
  // Built beside and moved into place, so that a build that is cut short never leaves half a console behind.
  const beside = join(root, 'node_modules', `.build-${process.pid}`);
  await mkdir(join(root, 'node_modules'), { recursive: true });
  try {
    await build({ root, logLevel: 'warn', build: { outDir: beside, emptyOutDir: true } });
    await writeFile(join(beside, '.built'), '');
    await rm(dist, { recursive: true, force: true });
    await rename(beside, dist);
  } finally {
    await rm(beside, { recursive: true, force: true });
  }
}

// A folder's own time counts too: it changes when a file is taken away.
async function newestIn(path) {
  const entry = await stat(path);
  if (!entry.isDirectory()) return entry.mtimeMs;
  const names = await readdir(path);
  const inside = await Promise.all(names.map((name) => newestIn(join(path, name))));
  return Math.max(entry.mtimeMs, ...inside);
}

async function modifiedMs(path) {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}
