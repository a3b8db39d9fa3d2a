import type { ShadowFigures } from '@pomona/wire';

/** What a candidate made of the fruit that the release graded. */
export class ShadowCounts {
  readonly #pairs = new Map<string, ShadowFigures['pairs'][number]>();
  #fruits = 0;
  #views = 0;
  #skipped = 0;
  #msPerView: ShadowFigures['msPerView'] = null;

  get fruits(): number {
    return this.#fruits;
  }

  add(champion: string, candidate: string, views: number): void {
    const key = `${champion} ${candidate}`;
    const count = (this.#pairs.get(key)?.count ?? 0) + 1;
    this.#pairs.set(key, { champion, candidate, count });
    this.#fruits++;
    this.#views += views;
  }

  addSkipped(count: number): void {
    this.#skipped += count;
  }

  timed(msPerView: NonNullable<ShadowFigures['msPerView']>): void {
    this.#msPerView = msPerView;
  }

  figures(): ShadowFigures {
    return {
      fruits: this.#fruits,
      skipped: this.#skipped,
      views: this.#views,
      pairs: [...this.#pairs.values()],
      msPerView: this.#msPerView,
    };
  }
}
