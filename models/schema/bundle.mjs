// Puts what `dist/index.js` imports into it. Until this has run it works all the same, only slower to start.
import { readFile, rename } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const file = fileURLToPath(new URL('dist/index.js', import.meta.url));
if (/^(import|export) .* from ['"]typebox/m.test(await readFile(file, 'utf8'))) {
  const { rolldown } = await import('rolldown');
  const bundle = await rolldown({ input: file, platform: 'node' });
  // Moved into place, so that a bundling that is cut short leaves no half of it.
  const beside = `${file}.${process.pid}`;
  await bundle.write({ file: beside, format: 'esm' });
  await bundle.close();
  await rename(beside, file);
}
