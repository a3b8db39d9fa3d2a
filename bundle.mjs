// Puts what some packages import into one file of theirs. Until this has run they work all the same, only slower to start.
import { readFile, rename } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const bundled = { 'models/schema': 'typebox', 'cloud/kysely': 'kysely' };

for (const [folder, library] of Object.entries(bundled)) {
  const file = fileURLToPath(new URL(`${folder}/dist/index.js`, import.meta.url));
  const imports = new RegExp(`^(import|export) .* from ['"]${library}['"/]`, 'm');
  if (!imports.test(await readFile(file, 'utf8'))) continue;
  const { rolldown } = await import('rolldown');
  const bundle = await rolldown({ input: file, platform: 'node' });
  // Moved into place, so that a bundling that is cut short leaves no half of it.
  const beside = `${file}.${process.pid}`;
  await bundle.write({ file: beside, format: 'esm' });
  await bundle.close();
  await rename(beside, file);
}
