/** Counts what came from outside and was refused, by channel and cause; tells which cause is new. */
export class Rejections {
  readonly #counts = new Map<string, number>();
  #total = 0;

  /** True the first time that this cause is counted: the time to say something about it. */
  count(channel: string, cause: string): boolean {
    const key = `${channel} ${cause}`;
    const before = this.#counts.get(key) ?? 0;
    this.#counts.set(key, before + 1);
    this.#total++;
    return before === 0;
  }

  get total(): number {
    return this.#total;
  }

  of(channel: string, cause: string): number {
    return this.#counts.get(`${channel} ${cause}`) ?? 0;
  }
}
