/** Pauses for garbage of all threads of a process that runs with `--trace-gc`, from what V8 writes of each to standard output. */
export class GcTrace {
  readonly pausesMs: number[] = [];
  #rest = '';

  push(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop()!.slice(-maxLine);
    for (const line of lines) {
      const ms = pauseOf(line);
      if (ms !== undefined) this.pausesMs.push(ms);
    }
  }
}

const maxLine = 1_000;

/** `[12:0x5f]  30 ms: Scavenge 4.5 (5.6) -> 3.9 (6.6) MB, 0.73 / 0.00 ms (average …)`: what stands before the stroke. */
export function pauseOf(line: string): number | undefined {
  const found = /\bMB, (\d+(?:\.\d+)?) \/ \d/.exec(line);
  return found === null ? undefined : Number(found[1]);
}
