import './no-telemetry.ts';
import { Worker } from 'node:worker_threads';
import { checkDefects, checkRecipe, parseRecipe } from '@pomona/grading';
import { AppError, type Random, type Recipe } from '@pomona/wire';
import { backoff } from '../domain/backoff.ts';
import type { FromLine, LineQuestion, LineSetup, RunnableRelease, ToLine } from '../domain/line-messages.ts';
import type { ProofFigures, ReleaseFigures } from '../domain/probation.ts';
import type { ShadowMemory } from '../domain/shadow-messages.ts';

export interface LineWorkerOptions {
  readonly setup: LineSetup;
  readonly random: Random;
  /** Everything that the worker says, and `trouble` of code `line-restart` when it is started again. */
  readonly onMessage: (message: FromLine) => void;
  /** A worker that graded cannot be started again: a new process may do better. Said once; nothing runs from then on. */
  readonly onGone: (error: AppError) => void;
  /** The worker's built file; default the one beside this package's build. */
  readonly workerFile?: URL;
  readonly runTimeoutMs?: number;
  readonly restartFirstMs?: number;
  readonly restartMaxMs?: number;
  readonly hangAfterMs?: number;
}

interface Job {
  readonly release: RunnableRelease;
  readonly recipe: Recipe;
}

interface PendingRun extends Job {
  readonly resolve: () => void;
  readonly reject: (error: AppError) => void;
}

const noFigures: ReleaseFigures = { frames: 0, fruits: 0, missedDeadlines: 0, unseen: 0, unusableViews: 0 };
const stopTimeoutMs = 8_000;
/** A worker that lived for so many seconds was a success: the next restart comes soon again. */
const secondsOfSuccess = 30;
const hangAfterMsDefault = 10_000;
/** Silence is counted in so many steps: a process that was halted itself finds one of them, not ten. */
const hangSteps = 10;
/** A worker that has been at one frame for so long gives no sign of life with its figures. */
const frameMsMax = 1_000;

/**
 * The main thread's hand on the grading worker. A worker that dies is started again, after growing pauses, with what
 * it ran last; a release that kills its worker is not tried again by itself. One that hangs is ended. One that does not
 * come up again is gone for good (`onGone`). Where it cannot even be ended, since it never comes back from native code,
 * nothing runs until the service is restarted (`LineLiveness`).
 */
export class LineWorker {
  readonly #options: LineWorkerOptions;
  #state: 'new' | 'started' | 'stopped' = 'new';
  #worker: Worker | undefined;
  #exited: Promise<void> = Promise.resolve();
  #ready = signal();
  #hasBeenReady = false;
  #pauses: Iterator<number, never>;
  #timer: NodeJS.Timeout | undefined;
  #pending: PendingRun | undefined;
  #jobs: Promise<void> = Promise.resolve();
  #last: Job | undefined;
  /** What a worker that was started again is to run first, until it says how that went. */
  #resumed: Job | undefined;
  #isPaused = false;
  #shadow: ShadowMemory | undefined;
  #secondsAlive = 0;
  #crashes = 0;
  #hangs = 0;
  #watch: NodeJS.Timeout | undefined;
  /** It runs a release, and has to give signs of life. */
  /** Of the model that runs: it draws a map of defects. */
  #seesDefects = false;
  #isGrading = false;
  #silentSteps = 0;
  #isHung = false;
  #figures: ReleaseFigures = noFigures;
  /** Of the release before the one that runs. */
  #before: ReleaseFigures | undefined;

  constructor(options: LineWorkerOptions) {
    this.#options = options;
    this.#pauses = this.#newPauses();
  }

  /** Resolves when the worker takes commands; throws `line-start` when it cannot. */
  async start(): Promise<void> {
    if (this.#state === 'new') {
      this.#state = 'started';
      const { hangAfterMs = hangAfterMsDefault } = this.#options;
      this.#watch = setInterval(() => this.#countSilence(), hangAfterMs / hangSteps);
      this.#spawn();
    }
    await this.#ready.promise;
  }

  /**
   * Resolves when new fruit is graded by the release with the recipe; fruit in the view finishes with the one before.
   * Throws `recipe-invalid`, or `line-run` when the release cannot run: what ran before goes on.
   */
  run(release: RunnableRelease, recipe: Recipe): Promise<void> {
    return this.#enqueue(async () => {
      checkRecipe(parseRecipe(recipe), release.labels);
      await this.#ready.promise;
      await this.#runNow({ release, recipe });
    });
  }

  /** For the fruit that is decided from now on. Throws `recipe-invalid`; without a running release there is nothing to do. */
  setRecipe(recipe: Recipe): Promise<void> {
    return this.#enqueue(async () => {
      if (this.#last === undefined) return;
      checkRecipe(parseRecipe(recipe), this.#last.release.labels);
      checkDefects(recipe, this.#seesDefects);
      this.#last = { ...this.#last, recipe };
      this.#post({ kind: 'recipe', recipe });
    });
  }

  /** Every fruit that is decided from now on gets the default grade, by workers that are started again as well. */
  pause(isPaused: boolean): void {
    this.#isPaused = isPaused;
    this.#post({ kind: 'pause', isPaused });
  }

  /** Where it hands over decided fruit, also as a worker that is started again; undefined: nowhere any more. */
  shadow(memory: ShadowMemory | undefined): void {
    this.#shadow = memory;
    this.#post({ kind: 'shadow', memory });
  }

  /** Its answers are messages; a worker that is just being started again answers nothing. */
  ask(question: LineQuestion): void {
    this.#post(question);
  }

  /** Of the release that was run last. */
  proof(): ProofFigures {
    return { ...this.#figures, crashes: this.#crashes, hangs: this.#hangs, before: this.#before };
  }

  /** Resolves when the worker and its camera are gone. Fruit that is still in the view is not graded. */
  async stop(): Promise<void> {
    if (this.#state !== 'stopped') {
      this.#state = 'stopped';
      clearTimeout(this.#timer);
      clearInterval(this.#watch);
      this.#ready.reject(stopped());
      this.#pending?.reject(stopped());
      this.#post({ kind: 'stop' });
    }
    const worker = this.#worker;
    const timer = setTimeout(() => void worker?.terminate(), stopTimeoutMs);
    await this.#exited;
    clearTimeout(timer);
  }

  #spawn(): void {
    const { setup, workerFile = new URL('../grading-worker.js', import.meta.url) } = this.#options;
    const worker = new Worker(workerFile, { workerData: setup });
    this.#worker = worker;
    this.#secondsAlive = 0;
    this.#isGrading = false;
    this.#isHung = false;
    let cause = 'it ended by itself';
    worker.on('message', (message: FromLine) => this.#hear(message));
    worker.on('error', (error) => {
      cause = error.message;
    });
    this.#exited = new Promise((resolve) => {
      worker.once('exit', () => {
        this.#afterExit(cause);
        resolve();
      });
    });
  }

  #hear(message: FromLine): void {
    if (message.kind === 'ready') {
      this.#resumed = this.#last;
      if (this.#isPaused) this.pause(true);
      if (this.#shadow) this.shadow(this.#shadow);
      if (this.#last !== undefined) this.#post({ kind: 'run', ...this.#last });
      this.#hasBeenReady = true;
      this.#ready.resolve();
    }
    if (message.kind === 'running') {
      this.#seesDefects = message.seesDefects ?? false;
      this.#isGrading = true;
      this.#silentSteps = 0;
    }
    if (message.kind === 'running' || message.kind === 'run-failed') this.#settle(message);
    if (message.kind === 'running' || message.kind === 'run-failed') this.#hearResumed(message);
    if (message.kind === 'figures') this.#figures = message.figures.release ?? noFigures;
    if (message.kind === 'figures' && message.figures.frameForMs <= frameMsMax) this.#silentSteps = 0;
    if (message.kind === 'figures' && ++this.#secondsAlive === secondsOfSuccess)
      this.#pauses = this.#newPauses();
    this.#options.onMessage(message);
  }

  async #runNow(job: Job): Promise<void> {
    const { runTimeoutMs = 30_000 } = this.#options;
    const timer = setTimeout(() => {
      this.#pending?.reject(cannotRun(`it was not loaded within ${runTimeoutMs} ms`));
      // It may still come up, when nobody wants it any more.
      this.#end();
    }, runTimeoutMs);
    try {
      await new Promise<void>((resolve, reject) => {
        this.#pending = { ...job, resolve, reject };
        this.#post({ kind: 'run', ...job });
      });
      this.#last = job;
    } finally {
      clearTimeout(timer);
      this.#pending = undefined;
    }
  }

  /** After a restart the worker also answers for what it ran before. */
  #settle(message: Extract<FromLine, { kind: 'running' | 'run-failed' }>): void {
    if (this.#pending?.release.ref.digest !== message.release.digest) return;
    if (message.kind === 'running') {
      this.#crashes = 0;
      this.#hangs = 0;
      if (this.#last !== undefined && this.#last.release.ref.digest !== message.release.digest)
        this.#before = this.#figures;
      this.#figures = noFigures;
      this.#pending.resolve();
    } else this.#pending.reject(cannotRun(message.reason));
  }

  /** The same release ran in the thread before: its file, the memory or the library is not what it was. */
  #hearResumed(message: Extract<FromLine, { kind: 'running' | 'run-failed' }>): void {
    if (this.#state !== 'started' || this.#resumed?.release.ref.digest !== message.release.digest) return;
    this.#resumed = undefined;
    if (message.kind === 'run-failed') this.#giveUp(cannotRun(message.reason));
  }

  /** Loading a release blocks the thread, and has a limit of its own. */
  #countSilence(): void {
    if (!this.#isGrading || this.#isHung || this.#pending !== undefined) this.#silentSteps = 0;
    else if (++this.#silentSteps > hangSteps) this.#endHung();
  }

  #endHung(): void {
    const { hangAfterMs = hangAfterMsDefault, onMessage } = this.#options;
    this.#hangs++;
    onMessage({
      kind: 'trouble',
      code: 'line-hung',
      message: `the grading worker has finished no frame and said nothing for ${hangAfterMs} ms; it is ended`,
    });
    this.#end();
  }

  /** What is to run next waits for the worker after this one. Its camera ends with the pipe that it writes to. */
  #end(): void {
    this.#isHung = true;
    this.#ready = signal();
    void this.#worker?.terminate();
  }

  #afterExit(cause: string): void {
    const wasHung = this.#isHung;
    this.#worker = undefined;
    this.#isGrading = false;
    this.#pending?.reject(cannotRun(`the grading worker ended: ${cause}`));
    if (this.#state !== 'started') return;
    if (!this.#ready.isSettled && !wasHung) {
      this.#giveUp(cannotStart(cause));
      return;
    }
    if (!wasHung) this.#crashes++;
    const pauseMs = this.#pauses.next().value;
    this.#options.onMessage({
      kind: 'trouble',
      code: 'line-restart',
      message: `the grading worker ended and starts again in ${Math.round(pauseMs)} ms: ${cause}`,
    });
    if (!wasHung) this.#ready = signal();
    this.#timer = setTimeout(() => this.#spawn(), pauseMs);
  }

  /** At the first start whoever waits for it is told. */
  #giveUp(error: AppError): void {
    this.#state = 'stopped';
    clearInterval(this.#watch);
    // For those who wait, and for those who come later.
    if (this.#ready.isSettled) this.#ready = signal();
    this.#ready.reject(error);
    void this.#worker?.terminate();
    if (this.#hasBeenReady) this.#options.onGone(error);
  }

  #enqueue(job: () => Promise<void>): Promise<void> {
    const done = this.#jobs.then(job);
    // The caller hears of a failure; the next job in the row must not.
    this.#jobs = done.catch(() => undefined);
    return done;
  }

  #post(message: ToLine): void {
    this.#worker?.postMessage(message);
  }

  #newPauses(): Iterator<number, never> {
    const { restartFirstMs = 200, restartMaxMs = 10_000, random } = this.#options;
    return backoff({ firstMs: restartFirstMs, maxMs: restartMaxMs }, random);
  }
}

interface Signal {
  readonly promise: Promise<void>;
  readonly isSettled: boolean;
  resolve(): void;
  reject(error: AppError): void;
}

/** A promise that is settled from outside; not heard by anyone, a rejection is no crash. */
function signal(): Signal {
  let settle: { resolve: () => void; reject: (error: AppError) => void };
  let isSettled = false;
  const promise = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject };
  });
  promise.catch(() => undefined);
  return {
    promise,
    get isSettled() {
      return isSettled;
    },
    resolve() {
      isSettled = true;
      settle.resolve();
    },
    reject(error) {
      isSettled = true;
      settle.reject(error);
    },
  };
}

function cannotRun(reason: string): AppError {
  return new AppError('line-run', `the release cannot run here: ${reason}`, {
    hint: 'What ran before goes on; give the station another release.',
  });
}

function cannotStart(cause: string): AppError {
  return new AppError('line-start', `the grading worker does not start: ${cause}`, {
    hint: 'Look at what it names: the outbox file, the gate log, the geometry of the line.',
  });
}

function stopped(): AppError {
  return new AppError('line-stopped', 'the grading worker was stopped', { hint: 'Start the agent again.' });
}
