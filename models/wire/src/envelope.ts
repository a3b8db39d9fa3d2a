import { type Static, Type } from '@pomona/schema';
import { BootId, Digest, Instant, Slug } from './ids.ts';

/**
 * What every message carries but chunks. `seq` counts what one boot of one sender recorded; (station, boot, seq)
 * names a record for ever, so that it can be sent again without counting twice.
 */
export const envelope = {
  v: Type.Literal(1),
  boot: BootId,
  seq: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
  at: Instant,
};

export const ReleaseRef = Type.Object({
  name: Slug,
  version: Type.Integer({ minimum: 1 }),
  digest: Digest,
});
export type ReleaseRef = Static<typeof ReleaseRef>;
