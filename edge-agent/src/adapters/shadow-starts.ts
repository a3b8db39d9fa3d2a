/** In `dataDir/shadow-starts.json`, while a candidate that runs silently has not lived long. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfPresent, writeFileDurably } from '@pomona/release';
import { Compile, Type } from '@pomona/schema';
import { Digest } from '@pomona/wire';
import type { ShadowStarts } from '../use-cases/run-shadow.ts';
import { parseJson } from './parse-json.ts';

const validator = Compile(
  Type.Object({ v: Type.Literal(1), digest: Digest, starts: Type.Integer({ minimum: 0 }) }),
);

export function openShadowStarts(dataDir: string): ShadowStarts {
  const file = join(dataDir, 'shadow-starts.json');
  return {
    async count(digest) {
      const bytes = await readIfPresent(file);
      const known = bytes && parseJson(bytes.toString());
      // What cannot be read was never counted.
      const before = validator.Check(known) && known.digest === digest ? known.starts : 0;
      await writeFileDurably(file, `${JSON.stringify({ v: 1, digest, starts: before + 1 })}\n`);
      return before + 1;
    },
    well: () => rm(file, { force: true }),
  };
}
