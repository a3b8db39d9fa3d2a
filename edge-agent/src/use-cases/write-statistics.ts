import type { Clock } from '@pomona/wire';
import type { DecidedFruit } from '../domain/explained-fruit.ts';
import type { OutboxWriter } from '../domain/outbox.ts';
import { type BeltColour, StatisticsWindow } from '../domain/statistics-window.ts';

export interface StatisticsSetup {
  readonly boot: string;
  readonly windowFruits: number;
}

export interface StatisticsPorts {
  readonly clock: Clock;
  readonly outbox: OutboxWriter;
  /** Colour of the belt as it is seen now; undefined when none is. */
  readonly belt: () => BeltColour | undefined;
  /** After a window was appended. */
  readonly onStored: () => void;
  readonly onTrouble: (code: string, message: string) => void;
}

/** Two central views show what a picture is like, and cost the same however slow the belt is. */
const viewsPerFruit = 2;

/**
 * Counts what fruit is like, and puts each window of so many into the outbox. A window is of one release: what was counted
 * when another takes over, or when the agent ends, is too little to judge and is let go. (While the fruit of two releases
 * leaves the view, each begins anew after the other.)
 */
export class StatisticsWriter {
  readonly #setup: StatisticsSetup;
  readonly #ports: StatisticsPorts;
  #window: StatisticsWindow | undefined;

  constructor(setup: StatisticsSetup, ports: StatisticsPorts) {
    this.#setup = setup;
    this.#ports = ports;
  }

  /** A fruit that was never seen shows nothing and is left out. */
  offer({ release, record, centralCrops }: DecidedFruit): void {
    const crops = centralCrops(viewsPerFruit);
    if (record.probabilities.length === 0 || crops.length === 0) return;
    if (this.#window?.release.ref.digest !== release.ref.digest) this.#window = new StatisticsWindow(release);
    this.#window.add(record, crops, this.#ports.belt());
    if (this.#window.fruits < this.#setup.windowFruits) return;
    this.#write(this.#window);
    this.#window = undefined;
  }

  #write(window: StatisticsWindow): void {
    const { clock, outbox, onStored, onTrouble } = this.#ports;
    const { boot } = this.#setup;
    try {
      const seq = outbox.nextSeq();
      const at = new Date(clock.nowMs()).toISOString();
      outbox.append({ kind: 'drift', boot, seq, value: { v: 1, boot, seq, at, ...window.figures() } });
      onStored();
    } catch (error) {
      // The fruits' own records are stored: a line must not stop for their statistics.
      onTrouble('statistics-lost', error instanceof Error ? error.message : String(error));
    }
  }
}
