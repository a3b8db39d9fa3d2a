import { describe, expect, it } from 'vitest';
import { sampleReleaseFiles } from '../testing/sample-release.ts';
import { forgetfulReleases } from './forgetful-releases.ts';

const { ref, manifest } = sampleReleaseFiles(1);

describe('forgetfulReleases', () => {
  it('finds a release whole only when every chunk of every file came', async () => {
    const store = forgetfulReleases();
    const { files } = await store.begin(ref.digest, manifest);
    const chunks = files.flatMap((file) => file.chunks.map((_, index) => ({ file, index })));
    for (const { file, index } of chunks) {
      await expect(store.verify(ref.digest)).rejects.toMatchObject({ code: 'release-damaged' });
      await (await store.openFile(ref.digest, file)).write(index, new Uint8Array());
    }
    await store.verify(ref.digest);
    expect(await store.isComplete(ref.digest)).toBe(false);
    await store.complete(ref.digest);
    expect(await store.isComplete(ref.digest)).toBe(true);
  });

  it('forgets what is not to be kept', async () => {
    const store = forgetfulReleases();
    await store.begin(ref.digest, manifest);
    await store.keepOnly([]);
    await expect(store.manifest(ref.digest)).rejects.toMatchObject({ code: 'release-damaged' });
  });
});
