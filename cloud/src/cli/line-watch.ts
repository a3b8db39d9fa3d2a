/** What a station said of itself while it graded: each of its health records once. */
import type { Health } from '@pomona/wire';

export interface WatchedLine {
  readonly seconds: number;
  readonly fruits: number;
  readonly missedDeadlines: number;
  readonly droppedFrames: number;
  /** The worst of all windows of ten seconds, milliseconds. */
  readonly p99Ms: number;
  readonly cpuPercent: number;
  /** Medians of the first and the last quarter, megabytes. */
  readonly rssMb: readonly [number, number];
  /** Of the worker that grades: its counts began anew. */
  readonly restarts: number;
}

export class LineWatch {
  readonly #records: Health[] = [];

  /** Records come in their order; one that was seen is passed over. */
  take(health: Health): void {
    const last = this.#records.at(-1);
    if (last === undefined || health.boot !== last.boot || health.seq > last.seq) this.#records.push(health);
  }

  /** Fruits of all time, by all workers that were seen. */
  get decided(): number {
    return (this.#records[0]?.fruits ?? 0) + grown(this.#records, ({ fruits }) => fruits);
  }

  /** Of the records of that time, by the station's clock; undefined for less than two. */
  figures(fromMs: number, toMs: number): WatchedLine | undefined {
    const records = this.#records.filter(({ at }) => Date.parse(at) >= fromMs && Date.parse(at) <= toMs);
    const [first, last] = [records[0], records.at(-1)];
    if (first === undefined || last === undefined || records.length < 2) return undefined;
    const quarter = Math.max(1, Math.floor(records.length / 4));
    const rss = records.map(({ rssMb }) => rssMb);
    let restarts = 0;
    records.forEach((health, i) => {
      if (i > 0 && health.fruits < records[i - 1]!.fruits) restarts++;
    });
    return {
      seconds: (Date.parse(last.at) - Date.parse(first.at)) / 1000,
      fruits: grown(records, ({ fruits }) => fruits),
      missedDeadlines: grown(records, ({ missedDeadlines }) => missedDeadlines),
      droppedFrames: grown(records, ({ droppedFrames }) => droppedFrames),
      p99Ms: Math.max(...records.map(({ latencyMs }) => latencyMs.p99)),
      cpuPercent: records.reduce((sum, { cpuPercent }) => sum + cpuPercent, 0) / records.length,
      rssMb: [median(rss.slice(0, quarter)), median(rss.slice(-quarter))],
      restarts,
    };
  }
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]!;
}

/** How much a count grew, which begins anew at 0 with each worker. */
function grown(records: readonly Health[], of: (health: Health) => number): number {
  return records.reduce((sum, health, i) => {
    const before = records[i - 1];
    if (before === undefined) return sum;
    return sum + (of(health) >= of(before) ? of(health) - of(before) : of(health));
  }, 0);
}
