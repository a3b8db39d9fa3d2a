/** Cuts text into lines, wherever the pipe that it came through was cut. Empty lines are left out. */
export class LineCutter {
  readonly #lineMax: number;
  readonly #onLine: (line: string) => void;
  #rest = '';

  constructor(lineMax: number, onLine: (line: string) => void) {
    this.#lineMax = lineMax;
    this.#onLine = onLine;
  }

  push(text: string): void {
    const lines = (this.#rest + text).split(/[\r\n]+/);
    this.#rest = lines.pop()!;
    // A line without an end must not fill the memory.
    if (this.#rest.length > this.#lineMax) {
      lines.push(this.#rest);
      this.#rest = '';
    }
    for (const line of lines) {
      const text = line.trim().slice(0, this.#lineMax);
      if (text !== '') this.#onLine(text);
    }
  }

  /** What stands there without an end is a line too. */
  end(): void {
    this.push('\n');
  }
}
