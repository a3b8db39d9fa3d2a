import type { ShadowOrder } from '@pomona/wire';
import { isWorking } from './update-pursuit.ts';
import type { Running, UpdateState } from './update-state.ts';

/** What a station should run silently, as far as its update lets it. */
export type ShadowWanted =
  | { readonly kind: 'none' }
  /** An update is under way, which must have the network, the memory and the line for itself. */
  | { readonly kind: 'later'; readonly order: ShadowOrder }
  /** It never can. */
  | { readonly kind: 'refused'; readonly order: ShadowOrder; readonly reason: string }
  | { readonly kind: 'now'; readonly order: ShadowOrder; readonly champion: Running };

export function shadowWanted({ desired, running, update, refused = [] }: UpdateState): ShadowWanted {
  const order = desired?.shadow;
  if (order === undefined) return { kind: 'none' };
  const refusal = refused.find(({ digest }) => digest === order.release.digest);
  if (refusal !== undefined)
    return { kind: 'refused', order, reason: `it was rolled back here: ${refusal.reason}` };
  if (isWorking(update) || running === null || running.release.digest !== desired?.release?.digest)
    return { kind: 'later', order };
  if (running.release.digest === order.release.digest)
    return { kind: 'refused', order, reason: 'it is what the station grades with' };
  return { kind: 'now', order, champion: running };
}
