import { EnrolResponse } from '@pomona/wire';
import type { Static } from 'typebox';

/** What a station got when it was enrolled. The private key is not part of it: it has its own file. */
export const Identity = EnrolResponse;
export type Identity = Static<typeof Identity>;
