/**
 * Carries the schedule out on the outputs, and gives the sign of life. A command that fails is counted and told; the outlet
 * is then in an unknown state, and is closed again with each beat until the device has taken it.
 */
import type { GateState } from '@pomona/wire';
import type { GateOutputs, Shot } from '../domain/gate.ts';
import { type GateChange, type GateOutput, GateSchedule } from '../domain/gate-schedule.ts';
import { RecentMisses } from '../domain/recent-misses.ts';
import { type Expected, ShotConfirmations } from '../domain/shot-confirmations.ts';
import type { Scheduler } from './scheduler.ts';

export interface GateDriverOptions {
  readonly outputs: readonly GateOutput[];
  readonly gateDistanceMm: number;
  readonly heartbeatMs: number;
  /** Without word of the grading for so long, the heart stops. Default 3 s. */
  readonly silenceMs?: number;
}

export interface GateDriverPorts {
  readonly scheduler: Scheduler;
  readonly device: GateOutputs;
  readonly onTrouble: (code: string, message: string) => void;
}

/** A timer of more than 2^31 ms runs out at once (Node.js, `setTimeout`), and a belt that creeps plans further than that. */
const delayMsMax = 60_000;

export class GateDriver {
  readonly #options: GateDriverOptions;
  readonly #ports: GateDriverPorts;
  readonly #schedule: GateSchedule;
  readonly #confirmations: ShotConfirmations;
  readonly #misses = new RecentMisses();
  /** Outputs that may be open though they should not be. */
  readonly #unsure = new Set<number>();
  #state: 'new' | 'started' | 'stopped' = 'new';
  #seesAtMs = Number.NEGATIVE_INFINITY;
  #failed = 0;
  #armedAtMs = Number.POSITIVE_INFINITY;
  #cancelStep: () => void = () => undefined;
  #cancelBeat: () => void = () => undefined;

  constructor(options: GateDriverOptions, ports: GateDriverPorts) {
    this.#options = options;
    this.#ports = ports;
    this.#schedule = new GateSchedule(options.outputs, options.gateDistanceMm);
    this.#confirmations = new ShotConfirmations(options.outputs);
  }

  start(): void {
    if (this.#state !== 'new') return;
    this.#state = 'started';
    this.#ports.device.start(
      () => {
        this.#unsure.clear();
        // Who listens tells by the heartbeats whether a shot is late, and so needs one before the first.
        this.#beat();
      },
      (output) => this.#confirmations.seen(output, this.#ports.scheduler.monotonicMs()),
    );
    this.#beatOn();
  }

  shoot(shot: Shot): void {
    this.#schedule.add(shot, this.#ports.scheduler.monotonicMs());
    this.#arm();
  }

  observe(encoderMm: number, capturedAtMs: number): void {
    this.#schedule.observe(encoderMm, capturedAtMs);
    this.#arm();
  }

  /** The grading is alive and its camera sees: without this every few seconds there is no heartbeat. */
  sees(): void {
    this.#seesAtMs = this.#ports.scheduler.monotonicMs();
  }

  state(): GateState {
    const { refused, ...counts } = this.#schedule.counts;
    const { device, scheduler } = this.#ports;
    if (device.isSensing) this.#confirmations.step(scheduler.monotonicMs());
    else this.#confirmations.forget();
    const failed = this.#failed + refused;
    return {
      ...{ connected: device.isUp, ...counts, failed },
      recent: this.#misses.of({ late: counts.late, failed }, scheduler.monotonicMs()),
      ...this.#confirmations.counts,
    };
  }

  /** Closes all outlets. May be called twice. */
  async stop(): Promise<void> {
    if (this.#state === 'stopped') return;
    this.#state = 'stopped';
    this.#cancelStep();
    this.#cancelBeat();
    await this.#ports.device.close();
  }

  #arm(): void {
    if (this.#state !== 'started') return;
    const atMs = this.#schedule.nextAtMs();
    if (atMs === this.#armedAtMs) return;
    this.#cancelStep();
    this.#armedAtMs = atMs;
    if (atMs === Number.POSITIVE_INFINITY) return;
    const delayMs = Math.min(delayMsMax, atMs - this.#ports.scheduler.monotonicMs());
    this.#cancelStep = this.#ports.scheduler.after(delayMs, () => {
      this.#armedAtMs = Number.POSITIVE_INFINITY;
      const given: Expected[] = [];
      const changes = this.#schedule.step(this.#ports.scheduler.monotonicMs(), (output, openAtMs) => {
        const expected = this.#confirmations.given(output, openAtMs);
        if (expected !== undefined) given.push(expected);
      });
      for (const change of changes) {
        const shots = change.on ? given.filter(({ output }) => output === change.output) : [];
        this.#switch(change, shots);
      }
      this.#arm();
    });
  }

  #switch({ output, on }: GateChange, shots: readonly Expected[]): void {
    this.#ports.device.set(output, on).then(
      () => {
        if (!on) this.#unsure.delete(output);
      },
      (error: unknown) => {
        this.#failed++;
        for (const shot of shots) this.#confirmations.withdraw(shot);
        // It may have been taken after all, and only the answer was lost.
        this.#unsure.add(output);
        this.#ports.onTrouble('gate', `an outlet was not switched: ${messageOf(error)}`);
      },
    );
  }

  #beatOn(): void {
    const { scheduler, device } = this.#ports;
    this.#cancelBeat = scheduler.after(this.#options.heartbeatMs, () => {
      if (device.isUp) {
        for (const output of this.#unsure) if (!this.#schedule.isOpen(output)) this.#closeAgain(output);
        this.#beat();
      }
      this.#beatOn();
    });
  }

  #beat(): void {
    const { scheduler, device, onTrouble } = this.#ports;
    const { silenceMs = 3_000 } = this.#options;
    if (scheduler.monotonicMs() - this.#seesAtMs > silenceMs) return;
    device.beat().catch((error: unknown) => onTrouble('gate-heartbeat', messageOf(error)));
  }

  #closeAgain(output: number): void {
    this.#ports.device.set(output, false).then(
      () => void this.#unsure.delete(output),
      // It stays unsure, and is tried with the next beat.
      (error: unknown) => this.#ports.onTrouble('gate', `an outlet was not closed: ${messageOf(error)}`),
    );
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
