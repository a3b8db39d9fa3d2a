import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { transformersRate } from './transformers-peer.ts';

it('says how to install what is not there, instead of a figure', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'no-peer-'));
  try {
    const crops = { labels: ['a', 'b'], inputSize: 8, cropsFile: 'none', batchViews: [], modelFile: 'none' };
    const { name, viewsPerS } = await transformersRate({ ...crops, folder }, new AbortController().signal);
    expect(name).toContain(`npm install --prefix ${folder} @huggingface/transformers`);
    expect(viewsPerS).toBeUndefined();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
