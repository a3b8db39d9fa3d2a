// Puts what a program loads as it starts into few files; it would look for a thousand, one by one. Until this has run the
// programs work all the same, only slower to start. Nothing is done again while all that was bundled stays as it is.
import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('.', import.meta.url));
const prefix = 'bundled-';

/** Each `entries` of `src` takes the place of what the compiler made of it; what it shares with others comes beside it, in `to`. */
const bundles = [
  { folder: 'models/schema', to: 'dist', entries: ['index'] },
  { folder: 'cloud/kysely', to: 'dist', entries: ['index'] },
  { folder: 'models/orchard', to: 'dist', entries: ['camera-main'] },
  {
    folder: 'edge-agent',
    to: 'dist',
    entries: ['main', 'sim-main', 'grading-worker', 'gate-worker', 'self-test-main', 'shadow-main'],
  },
  { folder: 'cloud', to: 'dist', entries: ['photograph-worker', 'predict-worker', 'embedding-worker'] },
  { folder: 'cloud', to: 'dist/cli', entries: ['main'] },
];

/** Native code, what other packages load only where it is installed, and TensorFlow.js, which finds files of its own beside it. */
const external = [
  /^(onnxruntime-node|better-sqlite3|sharp)(\/|$)/,
  /^(bufferutil|utf-8-validate|pg-native|serialport)$/,
  /^@pomona\/training$/,
];

for (const bundle of bundles) if (!(await isFresh(bundle))) await make(bundle);

async function make({ folder, to, entries }) {
  const { rolldown } = await import('rolldown');
  const out = join(root, folder, to);
  const build = await rolldown({
    input: Object.fromEntries(
      entries.map((name) => [name, join(root, folder, to.replace(/^dist/, 'src'), `${name}.ts`)]),
    ),
    platform: 'node',
    external,
    checks: { pluginTimings: false },
    plugins: [{ name: 'places', transform: (code, id) => keepPlaces(code, id, out) }],
  });
  const { output } = await build.generate({
    format: 'esm',
    sourcemap: true,
    chunkFileNames: `${prefix}[name]-[hash].js`,
  });
  const inputs = await build.watchFiles;
  await build.close();
  // Each moved into place, the entries last: a bundling that is cut short leaves no half of anything.
  const isEntry = ({ fileName }) => entries.some((name) => fileName.startsWith(`${name}.`));
  for (const file of output.toSorted((a, b) => isEntry(a) - isEntry(b)))
    await replaceFile(join(out, file.fileName), file.type === 'chunk' ? file.code : file.source);
  const made = output.map(({ fileName }) => fileName);
  for (const name of await readdir(out))
    if (name.startsWith(prefix) && !made.includes(name)) await rm(join(out, name));
  await replaceFile(join(out, noteOf(entries)), JSON.stringify(await noteFor(out, inputs, made)));
}

/** Files beside a module are found from where the compiler puts it: of another package by its name, for it may be installed elsewhere. */
async function keepPlaces(code, id, out) {
  const ours = /^((?!.*\/node_modules\/).*)\/(?:src|dist)\/(.*)\.[jt]s$/.exec(id);
  if (!ours || !code.includes('import.meta.url')) return null;
  const [, folder, file] = ours;
  const { name } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const [path, from] = out.startsWith(`${folder}/`)
    ? [relative(out, join(folder, 'dist', file)), 'import.meta.url']
    : [file, `import.meta.resolve('${name}')`];
  return { code: code.replaceAll('import.meta.url', `new URL('./${path}.js', ${from}).href`), map: null };
}

/** What the last bundling was made of, and what it made. The compiler may have put a file of its own back since. */
async function isFresh({ folder, to, entries }) {
  const out = join(root, folder, to);
  try {
    const noted = await readFile(join(out, noteOf(entries)), 'utf8');
    const { inputs, made } = JSON.parse(noted);
    const files = Object.keys(inputs).map((file) => join(out, file));
    return JSON.stringify(await noteFor(out, files, Object.keys(made))) === noted;
  } catch (error) {
    if (error.code === 'ENOENT') return false;
    throw error;
  }
}

async function noteFor(out, inputs, made) {
  const seen = {};
  for (const file of new Set([fileURLToPath(import.meta.url), ...inputs])) {
    const { size, mtimeMs } = await stat(file);
    seen[relative(out, file)] = `${size} ${mtimeMs}`;
  }
  const sizes = {};
  for (const name of made) sizes[name] = (await stat(join(out, name))).size;
  return { inputs: seen, made: sizes };
}

function noteOf(entries) {
  return `.bundled-${entries[0]}.json`;
}

async function replaceFile(file, content) {
  const beside = `${file}.${process.pid}`;
  await writeFile(beside, content);
  await rename(beside, file);
}
