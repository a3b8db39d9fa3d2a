/** Puts the station's load and losses into the outbox at regular times. */
import type { CertificateState, Health, Throttled } from '@pomona/wire';
import type { LineReport } from '../domain/line-messages.ts';
import type { OutboxReader, OutboxWriter } from '../domain/outbox.ts';
import type { Scheduler } from './scheduler.ts';

export interface SystemFigures {
  /** Processor time of all threads of this process so far, milliseconds. */
  cpuMs(): number;
  rssBytes(): number;
  /** The hottest sensor; null where there is none. */
  temperatureC(): Promise<number | null>;
  /** Of the last minute. */
  loadAverage(): number;
  /** Null where the board does not tell. */
  throttled(): Promise<Throttled | null>;
  /** Of the disk that the data folder is on. */
  diskFreeBytes(): Promise<number>;
}

export interface HealthPorts {
  readonly scheduler: Scheduler;
  readonly system: SystemFigures;
  readonly outbox: OutboxReader;
  readonly writer: OutboxWriter;
  readonly boot: string;
  readonly intervalS: number;
  /** The disk was full at the start. */
  readonly isOutboxInMemory?: boolean | undefined;
  readonly rejectedMessages: () => number;
  /** Since when the operator at the line has paused grading. */
  readonly pausedSince?: () => string | undefined;
  readonly certificate?: () => CertificateState | undefined;
  readonly onRecorded: () => void;
  readonly onTrouble: (code: string, message: string) => void;
}

const noFigures: LineReport = {
  framesPerSecond: 0,
  droppedFrames: 0,
  frameForMs: 0,
  fruits: 0,
  missedDeadlines: 0,
  lostRecords: 0,
  latencyMs: { p50: 0, p99: 0 },
  release: undefined,
  recent: undefined,
};

export class HealthReporter {
  readonly #ports: HealthPorts;
  readonly #startedMs: number;
  #line = noFigures;
  #last: { readonly atMs: number; readonly cpuMs: number };
  #cancel: () => void = () => undefined;
  #running = false;

  constructor(ports: HealthPorts) {
    this.#ports = ports;
    this.#startedMs = ports.scheduler.monotonicMs();
    this.#last = { atMs: this.#startedMs, cpuMs: ports.system.cpuMs() };
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#schedule();
  }

  stop(): void {
    this.#running = false;
    this.#cancel();
  }

  /** What befell the camera is told at once: at most once a second, as these figures come. */
  lineFigures(figures: LineReport): void {
    const before = faultsOf(this.#line);
    this.#line = figures;
    if (this.#running && faultsOf(figures) !== before) void this.#tryRecord();
  }

  #schedule(): void {
    const { scheduler, intervalS } = this.#ports;
    this.#cancel = scheduler.after(intervalS * 1_000, () => {
      void this.#tryRecord().finally(() => {
        if (this.#running) this.#schedule();
      });
    });
  }

  #tryRecord(): Promise<void> {
    return this.#record().catch((error: unknown) =>
      this.#ports.onTrouble('health', error instanceof Error ? error.message : String(error)),
    );
  }

  async #record(): Promise<void> {
    const { system, outbox, writer, boot, intervalS, scheduler, onRecorded } = this.#ports;
    const [temperatureC, throttled, diskFreeBytes] = await Promise.all([
      system.temperatureC(),
      system.throttled(),
      system.diskFreeBytes(),
    ]);
    if (!this.#running) return;
    const { lostRecords, release: _, frameForMs: __, recent, camera, gates, ...line } = this.#line;
    const seq = writer.nextSeq();
    const pausedSince = this.#ports.pausedSince?.();
    const certificate = this.#ports.certificate?.();
    const value: Health = {
      v: 1,
      boot,
      seq,
      at: new Date(scheduler.nowMs()).toISOString(),
      intervalS,
      uptimeS: (scheduler.monotonicMs() - this.#startedMs) / 1_000,
      ...line,
      ...(recent && { recent }),
      ...(camera && { camera }),
      ...(gates && { gates }),
      cpuPercent: this.#cpuPercent(),
      rssMb: system.rssBytes() / 1e6,
      loadAverage: system.loadAverage(),
      temperatureC,
      throttled,
      diskFreeMb: diskFreeBytes / 1e6,
      ...(this.#ports.isOutboxInMemory === true && { outboxInMemory: true }),
      outboxDepth: outbox.depth(),
      outboxDropped: outbox.dropped() + lostRecords,
      rejectedMessages: this.#ports.rejectedMessages(),
      ...(pausedSince !== undefined && { pausedSince }),
      ...(certificate && { certificate }),
    };
    writer.append({ kind: 'health', boot, seq, value });
    onRecorded();
  }

  /** Of one core, since the last record. */
  #cpuPercent(): number {
    const now = { atMs: this.#ports.scheduler.monotonicMs(), cpuMs: this.#ports.system.cpuMs() };
    const { atMs, cpuMs } = this.#last;
    this.#last = now;
    return now.atMs > atMs ? Math.max(0, ((now.cpuMs - cpuMs) / (now.atMs - atMs)) * 100) : 0;
  }
}

function faultsOf({ camera }: LineReport): string {
  return camera?.faults.join() ?? '';
}
