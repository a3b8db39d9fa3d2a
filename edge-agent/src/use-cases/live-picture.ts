/**
 * The picture of the line, for who looks at it: made only when somebody waits for one, five times a second at the most, and one for
 * all of them. The grading worker copies a frame into a buffer that is lent to it; the smaller picture is made here.
 */
import type { FromLine, FruitOnPicture, LineQuestion } from '../domain/line-messages.ts';
import { type Picture, shrinkPicture } from '../domain/shrink-picture.ts';
import type { Scheduler } from './scheduler.ts';

export interface LivePicturePorts {
  readonly scheduler: Scheduler;
  readonly ask: (question: LineQuestion) => void;
}

/** A picture with the fruit on it, in pixels of the picture. */
export interface LinePicture extends Picture {
  /** Counts up; names it. */
  readonly id: number;
  readonly fruit: readonly FruitOnPicture[];
}

const pauseMs = 200;
/** A line without frames answers nothing; who waits is told so, and may ask again. */
const patienceMs = 2_000;
const widthMaxPx = 400;
const waitingMax = 16;

type Waiting = (picture: LinePicture | undefined) => void;

export class LivePicture {
  readonly #ports: LivePicturePorts;
  readonly #frame: { readonly width: number; readonly height: number };
  #pixels: SharedArrayBuffer | undefined;
  #isLent = false;
  #nextAtMs = 0;
  #cancel: (() => void) | undefined;
  #last: LinePicture | undefined;
  readonly #waiting = new Set<Waiting>();

  constructor(frame: { readonly width: number; readonly height: number }, ports: LivePicturePorts) {
    this.#frame = frame;
    this.#ports = ports;
  }

  /** The first picture after the one of that id; undefined when there is none for a while, or too many wait. */
  next(afterId: number): Promise<LinePicture | undefined> {
    // What was made some time ago for somebody else is no live picture.
    const isFresh = this.#ports.scheduler.monotonicMs() < this.#nextAtMs;
    if (isFresh && this.#last !== undefined && this.#last.id > afterId) return Promise.resolve(this.#last);
    if (this.#waiting.size >= waitingMax) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const cancel = this.#ports.scheduler.after(patienceMs, () => answer(undefined));
      const answer: Waiting = (picture) => {
        cancel();
        this.#waiting.delete(answer);
        resolve(picture);
      };
      this.#waiting.add(answer);
      this.#askSoon();
    });
  }

  hear(message: FromLine): void {
    // A worker that was started again knows of no question.
    if (message.kind === 'ready') {
      this.#isLent = false;
      this.#pixels = undefined;
      if (this.#waiting.size > 0) this.#askSoon();
    }
    if (message.kind === 'looked' && this.#isLent) this.#develop(message.fruit);
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    for (const answer of [...this.#waiting]) answer(undefined);
  }

  #askSoon(): void {
    if (this.#isLent || this.#cancel !== undefined) return;
    const { scheduler } = this.#ports;
    this.#cancel = scheduler.after(Math.max(0, this.#nextAtMs - scheduler.monotonicMs()), () => {
      this.#cancel = undefined;
      if (this.#isLent) return;
      const { width, height } = this.#frame;
      this.#pixels ??= new SharedArrayBuffer(width * height * 3);
      this.#isLent = true;
      this.#nextAtMs = scheduler.monotonicMs() + pauseMs;
      this.#ports.ask({ kind: 'look', pixels: this.#pixels });
    });
  }

  #develop(fruit: readonly FruitOnPicture[]): void {
    this.#isLent = false;
    const { width, height } = this.#frame;
    const factor = Math.ceil(width / widthMaxPx);
    const id = (this.#last?.id ?? 0) + 1;
    const small = (each: FruitOnPicture): FruitOnPicture => ({
      ...each,
      xPx: each.xPx / factor,
      yPx: each.yPx / factor,
      radiusPx: each.radiusPx / factor,
    });
    const picture = shrinkPicture(new Uint8Array(this.#pixels!), width, height, factor);
    this.#last = { id, ...picture, fruit: fruit.map(small) };
    for (const answer of [...this.#waiting]) answer(this.#last);
  }
}
