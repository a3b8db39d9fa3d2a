/**
 * What `pomona sim` and the benches say to the process of simulated stations over its message channel, one order after the
 * other, and what it answers.
 */
import type { Claim } from './rest-enrol.ts';

export type SimOrder =
  | { readonly kind: 'enrol'; readonly claims: readonly Claim[] }
  | { readonly kind: 'connect' }
  /** The same identities at a broker of no other use. */
  | { readonly kind: 'connect-bare'; readonly url: string }
  /** The same file to every identity, each over a connection of its own. */
  | { readonly kind: 'fetch'; readonly url: string; readonly bytes: number }
  /** Fruits per second of all stations together; `flat-out`: as fast as they are acknowledged. */
  | { readonly kind: 'grade'; readonly fruitsPerS: number | 'flat-out' }
  | { readonly kind: 'stop' };

export type SimSaid =
  /** Twice a second. */
  | { readonly kind: 'figures'; readonly figures: SimFigures }
  | { readonly kind: 'done'; readonly order: SimOrder['kind']; readonly tookMs?: number }
  | {
      readonly kind: 'failed';
      readonly order: SimOrder['kind'];
      readonly code: string;
      readonly message: string;
      readonly hint: string;
    }
  /** Once per code. */
  | { readonly kind: 'trouble'; readonly code: string; readonly message: string };

export interface SimFigures {
  /** Monotonic, of the stations' process. */
  readonly atMs: number;
  readonly enrolled: number;
  readonly connected: number;
  /** Stations by the release that they say they run, `name@version`. */
  readonly active: Readonly<Record<string, number>>;
  /** Stations by the state of their update. */
  readonly updates: Readonly<Record<string, number>>;
  readonly made: number;
  readonly acknowledged: number;
  readonly waiting: number;
  readonly dropped: number;
  readonly rssMb: number;
}
