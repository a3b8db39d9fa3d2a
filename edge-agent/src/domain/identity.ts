import type { Static } from '@pomona/schema';
import { EnrolResponse } from '@pomona/wire';

/** What a station got when it was enrolled. The private key is not part of it: it has its own file. */
export const Identity = EnrolResponse;
export type Identity = Static<typeof Identity>;
