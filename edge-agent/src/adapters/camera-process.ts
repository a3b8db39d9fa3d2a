/**
 * A camera is a program that writes frames, in the camera protocol (`FrameDecoder`) or as bare pixels (`RawFrames`). It is started
 * again with growing pauses whenever it ends, falls silent or sends pictures of another size; garbage between frames is skipped.
 *
 * Frames that nobody took in time are dropped, the oldest first: a late picture of a fruit is worth less than the next.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { type Frame, FrameDecoder, frameBuffer } from '@pomona/grading';
import { type Clock, type Random, redactCredentials, systemErrorCode } from '@pomona/wire';
import { backoff } from '../domain/backoff.ts';
import { anewByMm, anewMm } from '../domain/belt-clock.ts';
import type { CameraSource } from '../domain/camera-source.ts';
import { LineCutter } from '../domain/line-cutter.ts';
import { NewestQueue } from '../domain/newest-queue.ts';
import { RawFrames, type StreamFault } from '../domain/raw-frames.ts';

export interface CameraProcessOptions {
  readonly source: CameraSource;
  readonly frameWidthPx: number;
  readonly frameHeightPx: number;
  readonly random: Random;
  readonly clock: Clock;
  readonly onState: (state: 'running' | 'stopped', detail: string, cause?: StreamFault['cause']) => void;
  /** Once per cause and hour: what the program says, garbage in the stream. */
  readonly onTrouble: (code: string, message: string) => void;
  /** What an encoder says of a time of capture, instead of what comes with the frame. */
  readonly travelAt?: (capturedAtMs: number) => number;
  /** Frames that may wait. Default 3, a quarter of a second. */
  readonly queueFramesMax?: number;
  /** No first frame for so long: the program does not come up. Default 15 s. */
  readonly startMs?: number;
  /**
   * No further frame for so long: the program hangs. Default 3 s. On a board that is short of time a program is silent too, and
   * starting it again takes more of it: the patience doubles with each silence, up to four times, until one ran for long.
   */
  readonly silenceMs?: number;
  readonly restartFirstMs?: number;
  readonly restartMaxMs?: number;
  /** Between SIGTERM and SIGKILL. Default 2 s. */
  readonly killAfterMs?: number;
}

/** Causes of trouble of one code that are kept apart in a time; a program that babbles must not fill memory or log, nor hide what comes later. */
const causesMax = 32;
const causesMs = 3_600_000;
const lineMax = 300;
/** A name and password can only be taken out of a line that was not cut in the middle of them. */
const wholeLineMax = 4_096;
/** They are told with the program's end, and before them the first that is an error: what GStreamer says after that is what came of it. */
const lastLinesMax = 3;
const isError = /\bERROR\b/;
/** Where ffmpeg keeps its parts in memory, as in `[tcp @ 0x559e40f6f700]`: another one with each start, and of use to nobody. */
const address = /(?<=\[[^\]\s]+) @ 0x[\da-f]+(?=\])/g;
/** What libcamera and NVIDIA's Argus say when all is well. */
const chatter = /\bINFO\b|^Mode selection|- Score: |^Stream configuration adjusted|^GST_ARGUS: |^CONSUMER: /;
/** A run of so many frames was a success: the next failure starts with a short pause again. */
const framesOfSuccess = 30;
const patienceMax = 4;
/** A program that gave frames for so long did not fall silent for want of time. */
const calmMs = 60_000;
/** A belt that stands while its camera is started again may spring back by so much, or its encoder tremble. */
const springBackMm = 5;

/** Why a program was ended, or ended by itself. */
type Failure = Pick<StreamFault, 'message'> & Partial<StreamFault>;

export class CameraProcess {
  readonly #options: CameraProcessOptions;
  readonly #queueFramesMax: number;
  readonly #queue: NewestQueue<Frame>;
  readonly #decoder: FrameDecoder | RawFrames;
  readonly #spare: Uint8Array[] = [];
  /** By code, with when the first of them came. */
  readonly #causes = new Map<string, { readonly sinceMs: number; readonly known: Set<string> }>();
  #pauses: Iterator<number, never>;
  #child: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();
  /** Runs out when the program is silent, or while it is down, when it is time to start it again. */
  #timer: NodeJS.Timeout | undefined;
  /** Ends the program that runs, for a reason. */
  #end: (reason: string) => void = () => undefined;
  #framesOfChild = 0;
  /** It wrote bytes that belong to no frame. */
  #hasGarbage = false;
  #firstFrameAtMs = 0;
  /** What frames were told last, and what that is when the program counts 0. */
  #toldMm = Number.NEGATIVE_INFINITY;
  #originMm = 0;
  /** How many times `silenceMs` it is waited for a frame. */
  #patience = 1;
  #skippedSeen = 0;
  #state: 'new' | 'started' | 'stopped' = 'new';

  constructor(options: CameraProcessOptions) {
    this.#options = options;
    this.#pauses = this.#newPauses();
    this.#queueFramesMax = options.queueFramesMax ?? 3;
    this.#queue = new NewestQueue(this.#queueFramesMax, (frame) => this.recycle(frame));
    this.#decoder = decoderFor(options, (bytes) => this.#allocate(bytes));
  }

  /** Frames that were dropped because none of the readers was in time. */
  get droppedFrames(): number {
    return this.#queue.dropped;
  }

  get #frameBytes(): number {
    const { frameWidthPx, frameHeightPx } = this.#options;
    return frameWidthPx * frameHeightPx * 3;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  start(): void {
    if (this.#state !== 'new') return;
    this.#state = 'started';
    this.#spawn();
  }

  /** The next frame, or undefined once the camera is stopped. Give it back with `recycle` when done. */
  next(): Promise<Frame | undefined> {
    return this.#queue.next();
  }

  /** The frame's pixels are used for another frame from now on. */
  recycle(frame: Frame): void {
    this.#spare.push(frame.data);
  }

  /** Ends the program, which is then started again; while it is down, it is on its way already. */
  restart(reason: string): void {
    if (this.#child !== undefined) this.#end(reason);
  }

  /** Resolves when the program is gone. */
  async stop(): Promise<void> {
    if (this.#state !== 'stopped') {
      this.#state = 'stopped';
      clearTimeout(this.#timer);
      this.#queue.close();
      if (this.#child !== undefined) this.#kill(this.#child);
    }
    await this.#ended;
  }

  #spawn(): void {
    const { command, args, framesFd = 1, packages, hint } = this.#options.source;
    const child = spawn(command, args, { stdio: ['ignore', ...Array(framesFd === 3 ? 3 : 2).fill('pipe')] });
    this.#child = child;
    this.#framesOfChild = 0;
    this.#hasGarbage = false;
    let failure: Failure | undefined;
    const said: string[] = [];
    let firstError: string | undefined;
    const lines = new LineCutter(wholeLineMax, (text) => {
      const line = redactCredentials(text).replace(address, '').slice(0, lineMax);
      failure ??= this.#hear(child, line);
      if (isError.test(line)) firstError ??= line;
      if (!chatter.test(line) && said.push(line) > lastLinesMax) said.shift();
    });
    pipeOf(child, framesFd).on('data', (chunk: Buffer) => {
      failure ??= this.#read(child, chunk);
    });
    pipeOf(child, 2).on('data', (chunk: Buffer) => lines.push(chunk.toString()));
    if (framesFd === 3) pipeOf(child, 1).on('data', (chunk: Buffer) => lines.push(chunk.toString()));
    this.#end = (message) => {
      failure ??= { message };
      this.#kill(child);
    };
    this.#watch(this.#options.startMs ?? 15_000);
    this.#ended = new Promise((resolve) => {
      let isOver = false;
      const over = (detail: string): void => {
        if (isOver) return;
        isOver = true;
        lines.end();
        const cause = firstError === undefined || said.includes(firstError) ? [] : [firstError];
        this.#afterEnd([failure?.message ?? detail, ...cause, ...said].join(' | '), failure?.cause);
        resolve();
      };
      child.once('error', (error) => over(redactCredentials(whyNotStarted(command, error, packages))));
      child.once('close', (code, signal) => {
        const advice = hint === undefined || this.#framesOfChild > 0 ? '' : `: ${hint}`;
        over(`${command} ended with ${signal ?? `code ${code}`}${advice}`);
      });
    });
  }

  /** Returns what is wrong with the stream, if something is that only a new start can mend. */
  #read(child: ChildProcess, chunk: Buffer): StreamFault | undefined {
    let failure: StreamFault | undefined;
    this.#decoder.push(chunk, (frame) => {
      failure ??= this.#take(frame);
    });
    if (this.#decoder.bytesSkipped > this.#skippedSeen) {
      this.#skippedSeen = this.#decoder.bytesSkipped;
      this.#hasGarbage = true;
      this.#complain('camera-garbage', 'bytes that belong to no frame were skipped');
    }
    if (failure !== undefined) this.#kill(child);
    return failure;
  }

  /** Returns what the program says is wrong, if only a new start can mend it. */
  #hear(child: ChildProcess, line: string): StreamFault | undefined {
    const failure = this.#decoder instanceof RawFrames ? this.#decoder.hear(line) : undefined;
    if (failure !== undefined) this.#kill(child);
    else if (!chatter.test(line)) this.#complain('camera-stderr', line);
    return failure;
  }

  #take(frame: Frame): StreamFault | undefined {
    const { frameWidthPx, frameHeightPx, travelAt } = this.#options;
    if (this.#state !== 'started') return undefined;
    if (frame.width !== frameWidthPx || frame.height !== frameHeightPx) {
      if (frame.data.length === this.#frameBytes) this.recycle(frame);
      const sizes = `${frame.width} x ${frame.height} pixels, the line is set up for ${frameWidthPx} x ${frameHeightPx}`;
      return { cause: 'wrong-size', message: `the camera sends ${sizes}` };
    }
    this.#framesOfChild++;
    this.#watchFrames();
    if (this.#framesOfChild === 1) this.#options.onState('running', `${frame.width} x ${frame.height}`);
    if (this.#framesOfChild === framesOfSuccess) this.#pauses = this.#newPauses();
    const encoderMm = travelAt?.(frame.capturedAtMs) ?? this.#travelOf(frame);
    this.#queue.push(encoderMm === frame.encoderMm ? frame : { ...frame, encoderMm });
    return undefined;
  }

  /** A program that was started again may count from zero: that must not look like a belt that ran back by a little. Far lower it stays as it is. */
  #travelOf({ encoderMm }: Frame): number {
    const backMm = this.#toldMm - (encoderMm + this.#originMm);
    if (this.#framesOfChild === 1 && backMm > springBackMm && backMm <= anewMm) this.#originMm -= anewByMm;
    this.#toldMm = encoderMm + this.#originMm;
    return this.#toldMm;
  }

  #afterEnd(detail: string, cause: StreamFault['cause'] | undefined): void {
    clearTimeout(this.#timer);
    this.#child = undefined;
    this.#decoder.reset();
    this.#skippedSeen = this.#decoder.bytesSkipped;
    this.#options.onState('stopped', detail, cause);
    if (this.#state !== 'started') return;
    this.#timer = setTimeout(() => this.#spawn(), this.#pauses.next().value);
  }

  #watchFrames(): void {
    const { silenceMs = 3_000, clock } = this.#options;
    const isFirst = this.#framesOfChild === 1;
    if (isFirst) this.#firstFrameAtMs = clock.monotonicMs();
    const isCalm = this.#patience > 1 && clock.monotonicMs() - this.#firstFrameAtMs >= calmMs;
    if (isCalm) this.#patience = 1;
    if (isFirst || isCalm) this.#watch(silenceMs * this.#patience);
    else this.#timer?.refresh();
  }

  #watch(silenceMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.#framesOfChild > 0) this.#patience = Math.min(this.#patience * 2, patienceMax);
      const isGarbage = this.#framesOfChild === 0 && this.#hasGarbage;
      this.#end(`no frame for ${silenceMs} ms${isGarbage ? ', and what it writes is none' : ''}`);
    }, silenceMs);
  }

  #kill(child: ChildProcess): void {
    // A grandchild that keeps the pipes open must not keep us waiting for their end.
    const letGo = (): void => {
      for (const pipe of child.stdio) pipe?.destroy();
    };
    if (child.exitCode !== null || child.signalCode !== null) {
      letGo();
      return;
    }
    child.kill('SIGTERM');
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      letGo();
    }, this.#options.killAfterMs ?? 2_000);
    child.once('close', () => clearTimeout(timer));
  }

  #complain(code: string, text: string): void {
    const message = text.trim().slice(0, lineMax);
    // Times, addresses and counters in a message do not make another cause of it.
    const cause = message.replace(/\b0x[\da-f]+\b|\d+/g, '#');
    const nowMs = this.#options.clock.monotonicMs();
    const before = this.#causes.get(code);
    const isOver = before === undefined || nowMs - before.sinceMs >= causesMs;
    const { known } = isOver ? { known: new Set<string>() } : before;
    if (isOver) this.#causes.set(code, { sinceMs: nowMs, known });
    if (message === '' || known.has(cause) || known.size > causesMax) return;
    known.add(cause);
    const isLast = known.size > causesMax;
    this.#options.onTrouble(
      code,
      isLast ? `it says more than ${causesMax} things; the rest of this hour is left out` : message,
    );
  }

  #allocate(bytes: number): Uint8Array {
    // Those of a frame buffer are never freed: they are for frames that come back.
    if (bytes !== this.#frameBytes) return new Uint8Array(bytes);
    return this.#spare.pop() ?? frameBuffer(bytes);
  }

  #newPauses(): Iterator<number, never> {
    const { restartFirstMs = 250, restartMaxMs = 10_000, random } = this.#options;
    return backoff({ firstMs: restartFirstMs, maxMs: restartMaxMs }, random);
  }
}

function decoderFor(
  options: CameraProcessOptions,
  allocate: (bytes: number) => Uint8Array,
): FrameDecoder | RawFrames {
  const { frameWidthPx: widthPx, frameHeightPx: heightPx, clock, source } = options;
  if (source.raw === undefined)
    return new FrameDecoder({ payloadBytesMax: Math.max(widthPx * heightPx * 3, 12_000_000), allocate });
  return new RawFrames({
    raw: source.raw,
    widthPx,
    heightPx,
    monotonicMs: () => clock.monotonicMs(),
    allocate,
  });
}

function pipeOf(child: ChildProcess, fd: 1 | 2 | 3): Readable {
  return child.stdio[fd] as Readable;
}

function whyNotStarted(command: string, error: Error, packages: readonly string[] = []): string {
  if (systemErrorCode(error) !== 'ENOENT' || packages.length === 0)
    return `${command} did not start: ${error.message}`;
  return `${command} is not installed: sudo apt-get install ${packages.join(' ')}`;
}
