/** What happens to an update, and what is to be done about it, as data. */
import { assertNever, type Desired, type Recipe, type ReleaseRef } from '@pomona/wire';
import type { Running, UpdateState } from './update-state.ts';

export type UpdateEvent =
  | { readonly kind: 'started' }
  | { readonly kind: 'desired'; readonly desired: Desired }
  /** The metadata is proven and the manifest is there. */
  | { readonly kind: 'planned'; readonly totalBytes: number }
  | { readonly kind: 'progress'; readonly fetchedBytes: number; readonly reusedBytes: number }
  | { readonly kind: 'fetched' }
  | { readonly kind: 'verified' }
  | { readonly kind: 'staged' }
  | { readonly kind: 'tested'; readonly variant: string; readonly why?: string }
  /** The line runs it, and it has so long or so many fruits to prove itself. */
  | { readonly kind: 'ran'; readonly recipe: Recipe; readonly soak: Soak }
  | { readonly kind: 'proved' }
  | { readonly kind: 'disproved'; readonly reason: string }
  /** The line runs again what ran before. */
  | { readonly kind: 'went-back' }
  /** The work under way ended badly. */
  | { readonly kind: 'failed'; readonly reason: string; readonly retryable: boolean }
  | { readonly kind: 'retry' }
  | { readonly kind: 'restored' }
  | { readonly kind: 'restore-failed'; readonly digest: string }
  | { readonly kind: 'recipe-set'; readonly recipe: Recipe }
  | { readonly kind: 'recipe-refused'; readonly recipe: Recipe; readonly reason: string };

export interface Soak {
  readonly ms: number;
  readonly fruits: number;
}

/** One at a time; a new one takes the place of the one under way. */
export type Work =
  | { readonly kind: 'plan'; readonly release: ReleaseRef; readonly recipe?: Recipe }
  | { readonly kind: 'fetch'; readonly release: ReleaseRef }
  | { readonly kind: 'verify'; readonly release: ReleaseRef }
  | { readonly kind: 'stage'; readonly release: ReleaseRef }
  | { readonly kind: 'self-test'; readonly release: ReleaseRef }
  | { readonly kind: 'run'; readonly release: ReleaseRef; readonly variant: string; readonly recipe: Recipe }
  | { readonly kind: 'soak'; readonly release: ReleaseRef }
  | { readonly kind: 'go-back'; readonly to: Running }
  | { readonly kind: 'wait'; readonly tries: number };

export type Action =
  | Work
  | { readonly kind: 'stop-work' }
  /** Runs it as before; the last action of its step, because `restored` or `restore-failed` decides what comes next. */
  | { readonly kind: 'restore'; readonly running: Running }
  | { readonly kind: 'set-recipe'; readonly recipe: Recipe }
  /** Removes all releases but these. */
  | { readonly kind: 'clean'; readonly keep: readonly string[] };

export interface Step {
  readonly state: UpdateState;
  readonly actions: readonly Action[];
}

/** The work that a state stands for; undefined where there is nothing to do but wait for a desired state. */
export function workOf({ update, desired, running, previous }: UpdateState): Work | undefined {
  switch (update.state) {
    case 'planned':
      return {
        kind: 'plan',
        release: update.release,
        ...(desired === null ? {} : { recipe: desired.recipe }),
      };
    case 'fetching':
      return { kind: 'fetch', release: update.release };
    case 'verifying':
      return { kind: 'verify', release: update.release };
    case 'staged':
      return { kind: 'stage', release: update.release };
    case 'self-test':
      return { kind: 'self-test', release: update.release };
    case 'probation': {
      const { release, variant, verdict, soak } = update;
      if (verdict !== undefined) return previous === null ? undefined : { kind: 'go-back', to: previous };
      if (soak !== undefined) return { kind: 'soak', release };
      // What is desired meanwhile may have a recipe for other labels.
      const isDesired = desired?.release?.digest === release.digest;
      const recipe = isDesired ? desired.recipe : running?.recipe;
      return recipe && { kind: 'run', release, variant, recipe };
    }
    case 'failed':
      return update.retry ? { kind: 'wait', tries: update.tries } : undefined;
    case 'idle':
    case 'active':
    case 'rolled-back':
      return undefined;
    default:
      return assertNever(update);
  }
}
