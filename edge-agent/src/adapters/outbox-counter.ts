/**
 * Figures of the outbox that all threads share: the sequence counter of this boot, how much is stored, how much was lost.
 * They live in shared memory and not in the database, so that an append writes no page for them.
 */
const cells = ['seq', 'depth', 'bytes', 'dropped', 'sampleBytes'] as const;
export type OutboxCell = (typeof cells)[number];

export class OutboxCounter {
  /** Hand this to a worker and wrap it there again. */
  readonly shared: SharedArrayBuffer;
  readonly #cells: BigInt64Array;

  constructor(shared: SharedArrayBuffer = new SharedArrayBuffer(cells.length * 8)) {
    this.shared = shared;
    this.#cells = new BigInt64Array(shared);
  }

  get(cell: OutboxCell): number {
    return Number(Atomics.load(this.#cells, cells.indexOf(cell)));
  }

  set(cell: OutboxCell, value: number): void {
    Atomics.store(this.#cells, cells.indexOf(cell), BigInt(value));
  }

  /** Returns the value before. */
  add(cell: OutboxCell, amount: number): number {
    return Number(Atomics.add(this.#cells, cells.indexOf(cell), BigInt(amount)));
  }
}
