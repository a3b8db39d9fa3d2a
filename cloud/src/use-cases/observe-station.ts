import type { StationView } from '@pomona/wire';
import type { Observed } from '../domain/rollout-state.ts';

/** What a rollout looks at in a station's view. */
export function observedOf(view: StationView, quiet: string | null, isDrifted: boolean): Observed {
  const { reported, health, desired } = view;
  return {
    station: view.station,
    online: view.status?.state === 'online',
    quiet,
    update: reported && {
      state: reported.update.state,
      digest: reported.update.release?.digest ?? null,
      reason: reported.update.reason,
      retry: reported.update.retry ?? false,
    },
    running: reported?.running?.release ?? null,
    heardCounter: reported?.desiredCounter ?? 0,
    refused: reported?.refused ?? [],
    desired: desired && { counter: desired.counter, release: desired.release },
    shadow: {
      desired: desired?.shadow?.release.digest ?? null,
      reported: reported?.shadow && {
        digest: reported.shadow.release.digest,
        state: reported.shadow.state,
        reason: reported.shadow.reason,
      },
      figures: null,
    },
    isDrifted,
    figures: {
      grades: Object.fromEntries(view.grades.map(({ grade, count }) => [grade, count])),
      fruitsPerSecond: view.fruitsPerSecond,
      recent: health?.recent ?? null,
    },
  };
}
