import type { Clock } from '@pomona/wire';
import type { TrainingEvent } from '../domain/training-protocol.ts';
import type { StepResult } from './training-step.ts';

const reportEveryMs = 200;
/** Steps that compile a graph say nothing about speed. */
const unmeasuredSteps = 2;

/** What an earlier process did of the same training. */
export interface Begun {
  readonly epoch: number;
  readonly steps: number;
  readonly elapsedMs: number;
}

export interface Course {
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  readonly casesPerStep: number;
}

/** Counts steps, means and speed, and reports them now and then. */
export class Progress {
  readonly #course: Course;
  readonly #clock: Clock;
  readonly #report: (event: TrainingEvent) => void;
  readonly #startedMs: number;
  readonly #measuredFrom: number;
  #done: number;
  #epoch: number;
  #lossSum = 0;
  #right = 0;
  #count = 0;
  #stepFromMs = 0;
  #reportedMs = Number.NEGATIVE_INFINITY;
  #images = 0;
  #spentMs = 0;

  constructor(course: Course, clock: Clock, report: (event: TrainingEvent) => void, begun?: Begun) {
    this.#course = course;
    this.#clock = clock;
    this.#report = report;
    this.#done = begun?.steps ?? 0;
    this.#epoch = begun?.epoch ?? 0;
    this.#measuredFrom = this.#done + unmeasuredSteps;
    this.#startedMs = clock.monotonicMs() - (begun?.elapsedMs ?? 0);
  }

  /** Steps so far, of all epochs. */
  get done(): number {
    return this.#done;
  }

  /** Mean loss and share of right cases over the epoch so far. */
  get means(): { readonly loss: number; readonly accuracy: number } {
    return {
      loss: this.#lossSum / this.#count,
      accuracy: this.#right / (this.#count * this.#course.casesPerStep),
    };
  }

  /** Of whole steps with the making of their batches; without validation. */
  get imagesPerSecond(): number {
    return this.#spentMs > 0 ? (this.#images * 1000) / this.#spentMs : 0;
  }

  get elapsedMs(): number {
    return this.#clock.monotonicMs() - this.#startedMs;
  }

  startEpoch(): void {
    this.#epoch++;
    this.#lossSum = 0;
    this.#right = 0;
    this.#count = 0;
    this.#stepFromMs = this.#clock.monotonicMs();
  }

  addStep(result: StepResult, images: number): void {
    const nowMs = this.#clock.monotonicMs();
    this.#done++;
    this.#count++;
    this.#lossSum += result.loss;
    this.#right += result.right;
    if (this.#done > this.#measuredFrom) {
      this.#images += images;
      this.#spentMs += nowMs - this.#stepFromMs;
    }
    this.#stepFromMs = nowMs;
    const last = this.#count === this.#course.stepsPerEpoch;
    if (last || nowMs - this.#reportedMs >= reportEveryMs) this.#tell(nowMs);
  }

  #tell(nowMs: number): void {
    this.#reportedMs = nowMs;
    const { epochs, stepsPerEpoch } = this.#course;
    const steps = epochs * stepsPerEpoch;
    this.#report({
      type: 'progress',
      epoch: this.#epoch,
      epochs,
      step: this.#done,
      steps,
      ...this.means,
      imagesPerSecond: this.imagesPerSecond,
      etaMs: (this.elapsedMs / this.#done) * (steps - this.#done),
    });
  }
}
