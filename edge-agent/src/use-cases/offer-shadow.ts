import type { Clock } from '@pomona/wire';
import type { ExplainedFruit } from '../domain/explained-fruit.ts';
import { cropsKeptMax } from '../domain/seen-views.ts';
import { type OfferedFruit, type ShadowMemory, ShadowPlaces } from '../domain/shadow-messages.ts';

/** The grading worker's side of a candidate that runs silently: hands over decided fruit while there is room. */
export class ShadowOffer {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #say: (fruit: OfferedFruit) => void;
  #to: { readonly digest: string; readonly places: ShadowPlaces } | undefined;

  constructor(clock: Pick<Clock, 'monotonicMs'>, say: (fruit: OfferedFruit) => void) {
    this.#clock = clock;
    this.#say = say;
  }

  /** Undefined: to nobody any more. */
  use(memory: ShadowMemory | undefined): void {
    this.#to = memory && { digest: memory.champion.digest, places: new ShadowPlaces(memory) };
  }

  /** After its shot. What was late, hardly seen, or passed while grading was paused got no grade that could be compared. */
  offer({ release, recipe, record, centralCrops, keptViews, viewProbabilities }: ExplainedFruit): void {
    if (this.#to?.digest !== release.ref.digest || record.outcome !== 'graded' || record.paused === true)
      return;
    const crops = centralCrops(cropsKeptMax);
    const taken = this.#to.places.put(crops, this.#clock.monotonicMs());
    if (taken === undefined) return;
    const { seq, at, lane, grade, probabilities, diameterMm, measures } = record;
    const views = keptViews();
    const isPartial = views.length < viewProbabilities.length;
    this.#say({
      ...{ ...taken, seq, at, lane, grade, probabilities, diameterMm, measures, views },
      ...(isPartial && { recipe }),
    });
  }
}
