/**
 * What the integrator's device does with the messages below the topic, as docs/integrating.md has it: with a clock of 32
 * bits, whose differences are signed numbers of 32 bits.
 */
export class OutletReceiver {
  readonly said: string[] = [];
  readonly opened: string[] = [];
  readonly dropped: string[] = [];
  readonly #topic: string;
  /** Own clock − number of the heartbeat, of those of the last minute. */
  #offsets: { readonly atMs: number; readonly ms: number }[] = [];

  constructor(topic: string) {
    this.#topic = topic;
  }

  hear(topic: string, text: string, isRetained: boolean, nowMs = Math.round(performance.now())): void {
    this.said.push(`${topic.slice(this.#topic.length + 1)} ${text.replace(/,.*/, '}')}`);
    this.#offsets = this.#offsets.filter(({ atMs }) => nowMs - atMs <= 60_000);
    if (topic.endsWith('/state')) this.#offsets = [];
    else if (isRetained || topic.endsWith('/left')) return;
    else if (topic.endsWith('/heartbeat')) this.#offsets.push({ atMs: nowMs, ms: nowMs - Number(text) });
    else {
      const { on, sentMs, validForMs } = JSON.parse(text);
      if (!on) return;
      // Later than each of those heartbeats was; what counts is the fastest of them.
      const late = this.#offsets.map(({ ms }) => (nowMs - sentMs - ms) | 0);
      (late.length > 0 && Math.max(...late) <= validForMs ? this.opened : this.dropped).push(topic);
    }
  }
}
