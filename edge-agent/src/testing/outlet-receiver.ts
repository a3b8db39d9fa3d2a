/** What the integrator's device does with the messages below the topic, as docs/integrating.md has it. */
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

  hear(topic: string, text: string, isRetained: boolean): void {
    const nowMs = performance.now();
    this.said.push(`${topic.slice(this.#topic.length + 1)} ${text.replace(/,.*/, '}')}`);
    this.#offsets = this.#offsets.filter(({ atMs }) => nowMs - atMs <= 60_000);
    if (topic.endsWith('/state')) this.#offsets = [];
    else if (isRetained || topic.endsWith('/left')) return;
    else if (topic.endsWith('/heartbeat')) this.#offsets.push({ atMs: nowMs, ms: nowMs - Number(text) });
    else {
      const { on, sentMs, validForMs } = JSON.parse(text);
      if (!on) return;
      const smallest = Math.min(...this.#offsets.map(({ ms }) => ms));
      (nowMs - sentMs - smallest <= validForMs ? this.opened : this.dropped).push(topic);
    }
  }
}
