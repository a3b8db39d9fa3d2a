import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { howToInstall, startTransformers } from './transformers-peer.ts';

it('is not there where it is not installed, and says how to', () => {
  const folder = mkdtempSync(join(tmpdir(), 'no-peer-'));
  try {
    const request = { labels: ['a', 'b'], inputSize: 8, modelFile: 'none' };
    const pictures = { file: 'none', sides: [] };
    const { signal } = new AbortController();
    expect(startTransformers(folder, { ...request, pictures }, signal)).toBeUndefined();
    expect(howToInstall(folder)).toContain(
      `npm install --ignore-scripts --prefix ${folder} @huggingface/transformers`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
