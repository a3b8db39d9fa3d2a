/** A queue that keeps the newest: when it is full, the oldest goes and is counted. One reader. */
export class NewestQueue<T> {
  dropped = 0;
  readonly #capacity: number;
  readonly #items: T[] = [];
  readonly #onDrop: (item: T) => void;
  #waiting: ((item: T | undefined) => void) | undefined;
  #closed = false;

  constructor(capacity: number, onDrop: (item: T) => void = () => undefined) {
    this.#capacity = capacity;
    this.#onDrop = onDrop;
  }

  push(item: T): void {
    const reader = this.#waiting;
    this.#waiting = undefined;
    if (reader !== undefined) reader(item);
    else if (this.#closed) this.#onDrop(item);
    else this.#keep(item);
  }

  /** The oldest that is kept, when there is one; undefined for ever once the queue is closed. */
  next(): Promise<T | undefined> {
    if (this.#closed) return Promise.resolve(undefined);
    const item = this.#items.shift();
    if (item !== undefined) return Promise.resolve(item);
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  close(): void {
    this.#closed = true;
    for (const item of this.#items.splice(0)) this.#onDrop(item);
    this.#waiting?.(undefined);
    this.#waiting = undefined;
  }

  #keep(item: T): void {
    if (this.#items.length >= this.#capacity) {
      this.dropped++;
      this.#onDrop(this.#items.shift()!);
    }
    this.#items.push(item);
  }
}
