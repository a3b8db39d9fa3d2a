/**
 * Who is next where many want a share of one thing: the one that has had the least of it. Each entry gets a tag, the bytes
 * that its owner will have had with it, counted from where the queue stood when the owner came (self-clocked fair
 * queueing, Golestani 1994): who was away saves nothing up, and who asks for more gets no more.
 */
export class FairQueue<T> {
  readonly #waiting: { readonly owner: string; readonly tag: number; readonly entry: T }[] = [];
  /** The last tag of each owner that is ahead of the others. */
  readonly #tags = new Map<string, number>();
  #clock = 0;

  get size(): number {
    return this.#waiting.length;
  }

  push(owner: string, bytes: number, entry: T): void {
    const tag = Math.max(this.#clock, this.#tags.get(owner) ?? 0) + bytes;
    this.#tags.set(owner, tag);
    this.#waiting.push({ owner, tag, entry });
  }

  shift(): T | undefined {
    const least = this.#waiting.reduce(
      (best, { tag }, index, all) => (tag < all[best]!.tag ? index : best),
      0,
    );
    const [next] = this.#waiting.splice(least, 1);
    if (next === undefined) return undefined;
    this.#clock = next.tag;
    for (const [owner, tag] of this.#tags) if (tag <= this.#clock) this.#tags.delete(owner);
    return next.entry;
  }

  /** Everything that waits, in the order in which it came. */
  drain(): T[] {
    return this.#waiting.splice(0).map(({ entry }) => entry);
  }
}
