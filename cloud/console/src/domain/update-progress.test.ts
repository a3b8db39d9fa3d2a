import { describe, expect, it } from 'vitest';
import { updateProgress } from './update-progress.ts';

const release = { name: 'apples', version: 4, digest: 'a'.repeat(64) };

describe('updateProgress', () => {
  it('has a share while files come, and not before their size is known', () => {
    const update = { state: 'fetching', release, fetchedBytes: 250, totalBytes: 1000, reason: null } as const;
    expect(updateProgress(update)).toMatchObject({ text: 'Fetching', share: 0.25, tone: 'busy' });
    expect(updateProgress({ ...update, totalBytes: 0 }).share).toBeUndefined();
    expect(updateProgress({ ...update, fetchedBytes: 2000 }).share).toBe(1);
    expect(updateProgress({ ...update, reusedBytes: 100 }).reusedBytes).toBe(100);
    expect(updateProgress({ ...update, state: 'active', reusedBytes: 100 }).reusedBytes).toBe(0);
  });

  it('is bad when it failed or went back, calm when there is nothing to do', () => {
    const tone = (state: 'failed' | 'rolled-back' | 'active' | 'idle' | 'probation') =>
      updateProgress({ state, release, fetchedBytes: 0, totalBytes: 0, reason: null }).tone;
    expect([tone('failed'), tone('rolled-back'), tone('active'), tone('idle'), tone('probation')]).toEqual([
      'bad',
      'bad',
      'calm',
      'calm',
      'busy',
    ]);
  });
});
