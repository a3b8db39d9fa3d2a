/** Tells the control plane how far the update is: every change at once, mere progress once a second. */
import { encode, type Reported } from '@pomona/wire';
import type { Link } from './link.ts';
import type { Scheduler } from './scheduler.ts';

const progressMs = 1_000;

export interface ReporterPorts {
  readonly link: Link;
  readonly scheduler: Scheduler;
  readonly boot: string;
  readonly nextSeq: () => number;
  readonly reported: () => Omit<Reported, 'v' | 'boot' | 'seq' | 'at'>;
}

export class StateReporter {
  readonly #ports: ReporterPorts;
  #cancel: (() => void) | undefined;

  constructor(ports: ReporterPorts) {
    this.#ports = ports;
  }

  changed(progress: boolean): void {
    if (!progress) this.now();
    else this.#later();
  }

  /** Also when the link comes up. While it is down there is nothing to do: it is told when it comes up. */
  now(): void {
    this.stop();
    const { link, scheduler, boot, nextSeq, reported } = this.#ports;
    if (!link.isUp()) return;
    const at = new Date(scheduler.nowMs()).toISOString();
    const bytes = encode('reported', { v: 1, boot, seq: nextSeq(), at, ...reported() });
    if (!link.send('reported', bytes)) this.#later();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #later(): void {
    this.#cancel ??= this.#ports.scheduler.after(progressMs, () => this.now());
  }
}
