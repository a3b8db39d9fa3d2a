/**
 * The main thread's side of the page at the line: what it shows, and what may be done there. Nothing here is waited for by the
 * grading worker, and all of it ends with the agent but the pause and what a clean lens looks like.
 */
import { AppError, type CameraFault, type GateState } from '@pomona/wire';
import { isOfBelt, wordsOfFault } from '../domain/camera-words.ts';
import type { DeskFruit, DeskGates, DeskRelease, DeskView } from '../domain/desk-view.ts';
import { type LensReference, LensWatch } from '../domain/lens-watch.ts';
import type { FromLine, LineQuestion, LineReport, ShownFruit } from '../domain/line-messages.ts';
import { LineTally } from '../domain/line-tally.ts';
import type { Scheduler } from './scheduler.ts';

/** What is remembered when the agent is started again. */
export interface DeskMemory {
  /** ISO 8601; undefined while fruit is graded. */
  readonly pausedSince?: string;
  readonly lens?: LensReference;
}

export interface DeskPorts {
  readonly scheduler: Scheduler;
  readonly line: { pause(isPaused: boolean): void; ask(question: LineQuestion): void };
  /** On disk when it resolves. */
  readonly remember: (memory: DeskMemory) => Promise<void>;
  readonly facts: () => DeskFacts;
  /** Told of what somebody did at the page. */
  readonly onDone: (what: string, fields: Readonly<Record<string, unknown>>) => void;
  readonly onTrouble: (code: string, message: string) => void;
}

/** What others know. */
export interface DeskFacts {
  readonly isLinkUp: boolean;
  readonly waitingRecords: number;
  readonly isDiskFull: boolean;
  readonly release: DeskRelease | undefined;
  readonly update: string;
}

export interface DeskSetup {
  readonly address: Pick<DeskView, 'site' | 'line' | 'station'>;
  readonly boot: string;
  readonly memory: DeskMemory;
}

export interface FruitViews {
  readonly size: number;
  readonly crops: readonly Uint8Array[];
}

/** Shown to the control plane and in a fruit's history. */
const labelSource = 'line-operator';
const shownMax = 8;
/** What the disk did not take is tried again after so long. */
const keepAgainMs = 10_000;
/** As the worker's. */
const heldMax = 4;
/** A worker that is busy with nothing but a frame answers in milliseconds. The page waits for longer (`page/ask.ts`). */
const answerMsMax = 3_000;
const questionsMax = 32;

interface Shown {
  readonly fruit: ShownFruit;
  corrected: string | undefined;
}

interface Question {
  readonly answer: Promise<FromLine | undefined>;
  readonly settle: (answer: FromLine | undefined) => void;
}

export class LineDesk {
  readonly #setup: DeskSetup;
  readonly #ports: DeskPorts;
  readonly #tally: LineTally;
  readonly #lens: LensWatch;
  #rejects: Shown[] = [];
  #others: Shown[] = [];
  /** What is being looked at closer stays a while after it left the lists. */
  #held: Shown[] = [];
  #pausedSince: string | undefined;
  /** Monotonic; undefined of a pause that was remembered. */
  #pausedAtMs: number | undefined;
  /** The disk knows of it as well. */
  #isPauseKept = true;
  #triedToKeepAtMs = 0;
  /** Ends with the last change of what is remembered. */
  #changes: Promise<void> = Promise.resolve();
  #beltFaults: DeskView['beltFaults'] = [];
  #camera: DeskView['camera'] = { state: 'waiting', detail: '', framesPerSecond: 0, faults: [] };
  #link: { isUp: boolean; sinceMs: number };
  #gates: (Omit<DeskGates, 'forMs'> & { readonly sinceMs: number }) | undefined;
  /** By the answer that is waited for. */
  readonly #questions = new Map<string, Question>();

  constructor(setup: DeskSetup, ports: DeskPorts) {
    const nowMs = ports.scheduler.monotonicMs();
    this.#setup = setup;
    this.#ports = ports;
    this.#tally = new LineTally(nowMs);
    this.#lens = new LensWatch(setup.memory.lens);
    this.#pausedSince = setup.memory.pausedSince;
    this.#link = { isUp: false, sinceMs: nowMs };
    if (this.#pausedSince !== undefined) ports.line.pause(true);
  }

  get pausedSince(): string | undefined {
    return this.#pausedSince;
  }

  hear(message: FromLine): void {
    switch (message.kind) {
      case 'ready':
        // The views were in the worker that is gone.
        this.#rejects = [];
        this.#others = [];
        this.#held = [];
        return;
      case 'camera':
        this.#camera = { ...this.#camera, state: message.state, detail: message.detail };
        return;
      case 'figures':
        this.#camera = {
          ...this.#camera,
          framesPerSecond: message.figures.framesPerSecond,
          faults: wordsOf(message.figures, (fault) => !isOfBelt(fault)),
        };
        this.#beltFaults = wordsOf(message.figures, isOfBelt);
        this.#followGates(message.figures.gates);
        // Every second, whether somebody looks or not.
        this.#followLink(this.#ports.facts().isLinkUp);
        if (!this.#isPauseKept && this.#nowMs - this.#triedToKeepAtMs > keepAgainMs)
          void this.#inTurn(() => this.#keep(this.#pausedSince, this.#lens.reference));
        return;
      case 'decided':
        this.#tally.count(message.grade, message.outcome, this.#nowMs);
        if (message.shown) this.#show(message.shown);
        return;
      case 'views':
      case 'corrected':
        this.#questions.get(keyOf(message.kind, message.seq))?.settle(message);
        return;
    }
  }

  view(): DeskView {
    const nowMs = this.#nowMs;
    const { isLinkUp, waitingRecords, isDiskFull, release, update } = this.#ports.facts();
    this.#followLink(isLinkUp);
    const since = this.#pausedSince;
    return {
      ...this.#setup.address,
      boot: this.#setup.boot,
      pausedForMs: since === undefined ? undefined : this.#pausedForMs(since, nowMs),
      isPauseKept: this.#isPauseKept,
      camera: this.#camera,
      beltFaults: this.#beltFaults,
      lens: this.#lens.condition(),
      gates: this.#gates && gatesAt(this.#gates, nowMs),
      isDiskFull,
      cloud: { isUp: isLinkUp, forMs: Math.round(nowMs - this.#link.sinceMs), waitingRecords },
      release,
      update,
      fruitsPerMinute: this.#tally.fruitsPerMinute(nowMs),
      sinceStart: this.#tally.sinceStart(nowMs),
      lot: this.#tally.ofLot(nowMs),
      rejects: this.#rejects.slice(0, shownMax).map(fruitOf),
      others: this.#others.slice(0, shownMax).map(fruitOf),
    };
  }

  /**
   * On disk before the line is told: an agent that is started again must not grade what nobody wants graded. A disk that takes nothing
   * keeps nobody from pausing, and is tried again.
   */
  pause(isPaused: boolean): Promise<void> {
    const { scheduler, line, onDone } = this.#ports;
    return this.#inTurn(async () => {
      if (isPaused === (this.#pausedSince !== undefined)) return;
      const since = isPaused ? new Date(scheduler.nowMs()).toISOString() : undefined;
      await this.#keep(since, this.#lens.reference);
      this.#pausedSince = since;
      this.#pausedAtMs = isPaused ? this.#nowMs : undefined;
      line.pause(isPaused);
      onDone(isPaused ? 'grading is paused: fruit goes to the default gate' : 'grading goes on', {});
    });
  }

  /** A clock that is set meanwhile makes no pause longer or shorter; of one that began before this agent only the clock knows. */
  #pausedForMs(since: string, nowMs: number): number {
    if (this.#pausedAtMs !== undefined) return nowMs - this.#pausedAtMs;
    return Math.max(0, this.#ports.scheduler.nowMs() - Date.parse(since));
  }

  beginLot(): void {
    this.#tally.beginLot(this.#nowMs);
    this.#ports.onDone('a new lot', {});
  }

  lensIsClean(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#keep(this.#pausedSince, undefined);
      this.#lens.learnAnew();
      this.#ports.onDone('the lens was cleaned', {});
    });
  }

  /** One view, for a list; undefined when it is shown no more. */
  smallView(seq: number): FruitViews | undefined {
    const fruit = this.#find(seq)?.fruit;
    return fruit?.view && { size: fruit.size, crops: [fruit.view] };
  }

  /** All views that are kept, which keeps them a while longer; undefined when they are gone. Who asks meanwhile gets the same. */
  async views(seq: number): Promise<FruitViews | undefined> {
    const shown = this.#find(seq);
    if (shown === undefined) return undefined;
    this.#held = [...this.#held.filter((each) => each !== shown), shown].slice(-heldMax);
    const answer = await (this.#questions.get(keyOf('views', seq))?.answer ??
      this.#askLine('views', seq, { kind: 'views', seq }));
    return answer?.kind === 'views' && answer.crops.length > 0 ? answer : undefined;
  }

  /** `boot`: of the agent that showed it, whose numbers are not those of another. Errors: `fruit-gone`, `grade-unknown`, `correction-open`, `correction-lost`. */
  async correct(seq: number, grade: string, boot = this.#setup.boot): Promise<void> {
    const shown = boot === this.#setup.boot ? this.#find(seq) : undefined;
    if (shown === undefined) throw gone(seq);
    const { labels } = shown.fruit;
    if (!labels.includes(grade))
      throw new AppError('grade-unknown', `${grade} is none of ${labels.join(', ')}`, {
        hint: 'Use one of the model’s.',
      });
    if (this.#questions.has(keyOf('corrected', seq)))
      throw new AppError('correction-open', 'it is being corrected already', {
        hint: 'Wait a moment, then look at what it was corrected to.',
      });
    const label = { grade, source: labelSource };
    const answer = await this.#askLine('corrected', seq, { kind: 'correct', seq, label });
    if (answer?.kind !== 'corrected' || answer.problem !== undefined) {
      const problem = answer?.kind === 'corrected' ? answer.problem : 'the grading worker does not answer';
      throw new AppError('correction-lost', `it could not be kept: ${problem}`, {
        hint: 'Try another fruit.',
      });
    }
    shown.corrected = grade;
    this.#ports.onDone('a grade was corrected', { seq, from: shown.fruit.grade, to: grade });
  }

  #followGates(gates: GateState | undefined): void {
    if (gates === undefined) {
      this.#gates = undefined;
      return;
    }
    const {
      connected: isUp,
      why,
      recent = { late: 0, failed: 0 },
      unconfirmedInARow = 0,
      withoutOutlet = [],
    } = gates;
    const sinceMs = this.#gates?.isUp === isUp ? this.#gates.sinceMs : this.#nowMs;
    this.#gates = { isUp, why, ...recent, unconfirmedInARow, withoutOutlet, sinceMs };
  }

  #followLink(isUp: boolean): void {
    if (isUp !== this.#link.isUp) this.#link = { isUp, sinceMs: this.#nowMs };
  }

  #show(fruit: ShownFruit): void {
    const shown = { fruit, corrected: undefined };
    if (fruit.isReject) this.#rejects = [shown, ...this.#rejects].slice(0, 2 * shownMax);
    else this.#others = [shown, ...this.#others].slice(0, 2 * shownMax);
    const { view, size, belt } = fruit;
    if (view === undefined || belt === undefined || !this.#lens.see(view, size, belt)) return;
    void this.#inTurn(() => this.#keep(this.#pausedSince, this.#lens.reference));
  }

  #find(seq: number): Shown | undefined {
    return [...this.#held, ...this.#rejects, ...this.#others].find(({ fruit }) => fruit.seq === seq);
  }

  #askLine(
    answer: 'views' | 'corrected',
    seq: number,
    question: LineQuestion,
  ): Promise<FromLine | undefined> {
    if (this.#questions.size >= questionsMax) return Promise.resolve(undefined);
    const key = keyOf(answer, seq);
    let settle: Question['settle'] = () => undefined;
    const heard = new Promise<FromLine | undefined>((resolve) => {
      const cancel = this.#ports.scheduler.after(answerMsMax, () => settle(undefined));
      settle = (message) => {
        cancel();
        this.#questions.delete(key);
        resolve(message);
      };
    });
    this.#questions.set(key, { answer: heard, settle });
    this.#ports.line.ask(question);
    return heard;
  }

  /** One change after the other, each upon what the one before left on disk: writes that overlap end in any order. */
  #inTurn(change: () => Promise<void>): Promise<void> {
    const done = this.#changes.then(change);
    // Who asked for it hears of a failure; the next in the row must not.
    this.#changes = done.catch(() => undefined);
    return done;
  }

  /** On disk when it resolves, or told that it is not. */
  async #keep(pausedSince: string | undefined, lens: LensReference | undefined): Promise<void> {
    this.#triedToKeepAtMs = this.#nowMs;
    try {
      await this.#ports.remember({
        ...(pausedSince !== undefined && { pausedSince }),
        ...(lens && { lens }),
      });
      this.#isPauseKept = true;
    } catch (error) {
      this.#isPauseKept &&= pausedSince === this.#pausedSince;
      this.#ports.onTrouble('desk-memory', error instanceof Error ? error.message : String(error));
    }
  }

  get #nowMs(): number {
    return this.#ports.scheduler.monotonicMs();
  }
}

function wordsOf({ camera }: LineReport, isMeant: (fault: CameraFault) => boolean): string[] {
  return (camera?.faults ?? []).filter(isMeant).map((fault) => wordsOfFault(fault, camera?.why));
}

function gatesAt(
  { sinceMs, ...gates }: Omit<DeskGates, 'forMs'> & { readonly sinceMs: number },
  nowMs: number,
): DeskGates {
  return { ...gates, forMs: Math.round(nowMs - sinceMs) };
}

function fruitOf({ fruit, corrected }: Shown): DeskFruit {
  const { view, size: _, belt: __, isReject: ___, ...rest } = fruit;
  return { ...rest, hasView: view !== undefined, corrected };
}

function keyOf(answer: 'views' | 'corrected', seq: number): string {
  return `${answer} ${seq}`;
}

function gone(seq: number): AppError {
  return new AppError('fruit-gone', `fruit ${seq} is not shown any more`, {
    hint: 'Choose one of those that are shown.',
  });
}
