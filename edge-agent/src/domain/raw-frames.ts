/**
 * Frames out of a stream of bare pixels: every so many bytes are one. Nothing in the stream marks a frame's beginning, so a
 * program is believed from its first byte on, and a torn frame ends with its program.
 *
 * The stream carries no time and no encoder. A frame is taken for exposed `latencyMs` before its first byte came, and the belt
 * for as fast as the configuration says; that it stands still cannot be seen.
 */
import type { Frame } from '@pomona/grading';
import { frameBytes, type RawStream } from './camera-source.ts';
import { libcameraStream } from './libcamera-log.ts';
import { YuvToRgb } from './yuv-to-rgb.ts';

export interface RawFramesOptions {
  readonly raw: RawStream;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly monotonicMs: () => number;
  readonly allocate: (bytes: number) => Uint8Array;
}

/** What a new start may mend, and going on cannot. */
export interface StreamFault {
  readonly cause: 'wrong-size' | 'unknown-colours';
  readonly message: string;
}

export class RawFrames {
  /** Bytes of frames that were left unfinished. */
  bytesSkipped = 0;
  readonly #options: RawFramesOptions;
  readonly #raw: Uint8Array;
  #yuv: YuvToRgb | undefined;
  #fill = 0;
  #firstByteMs = 0;
  #startedAtMs: number | undefined;
  #seq = 0;

  constructor(options: RawFramesOptions) {
    const { pixels } = options.raw;
    this.#options = options;
    this.#raw = new Uint8Array(frameBytes(pixels));
    if (pixels.format === 'yuv420') this.#yuv = new YuvToRgb(pixels, pixels.colours);
  }

  /** Takes the next bytes of the stream and hands out, in order, every frame that they complete. */
  push(chunk: Uint8Array, onFrame: (frame: Frame) => void): void {
    for (let at = 0; at < chunk.length; ) {
      if (this.#fill === 0) this.#firstByteMs = this.#options.monotonicMs();
      const take = Math.min(this.#raw.length - this.#fill, chunk.length - at);
      this.#raw.set(chunk.subarray(at, at + take), this.#fill);
      this.#fill += take;
      at += take;
      if (this.#fill < this.#raw.length) return;
      this.#fill = 0;
      onFrame(this.#frame());
    }
  }

  /** What the program says of itself; returns what is wrong with it, if something is. */
  hear(line: string): StreamFault | undefined {
    const { pixels } = this.#options.raw;
    const given = pixels.format === 'yuv420' ? libcameraStream(line) : undefined;
    if (given === undefined || pixels.format !== 'yuv420') return undefined;
    const { widthPx, heightPx, colours } = given;
    if (widthPx !== pixels.askedWidthPx || heightPx !== pixels.rows)
      return {
        cause: 'wrong-size',
        message: `the camera gives ${widthPx} x ${heightPx} pixels where ${pixels.askedWidthPx} x ${pixels.rows} were asked for`,
      };
    if (colours === 'unknown')
      return {
        cause: 'unknown-colours',
        message: `the camera gives colours of a kind that is not known: ${line}`,
      };
    if (colours !== undefined) this.#yuv = new YuvToRgb(pixels, colours);
    return undefined;
  }

  /** Forgets an unfinished frame, as when the camera's program was started again. */
  reset(): void {
    this.bytesSkipped += this.#fill;
    this.#fill = 0;
  }

  #frame(): Frame {
    const { raw, widthPx: width, heightPx: height, allocate } = this.#options;
    const data = allocate(width * height * 3);
    if (this.#yuv !== undefined) this.#yuv.convert(this.#raw, data, width, height);
    else copyRows(this.#raw, raw.pixels.rowBytes, data, width * 3);
    const capturedAtMs = this.#firstByteMs - raw.latencyMs;
    this.#startedAtMs ??= capturedAtMs;
    const encoderMm = ((capturedAtMs - this.#startedAtMs) * raw.beltMmPerS) / 1000;
    return { width, height, data, seq: this.#seq++, capturedAtMs, encoderMm };
  }
}

function copyRows(from: Uint8Array, fromRowBytes: number, to: Uint8Array, toRowBytes: number): void {
  if (fromRowBytes === toRowBytes) {
    to.set(from);
    return;
  }
  for (let at = 0, start = 0; at < to.length; at += toRowBytes, start += fromRowBytes)
    to.set(from.subarray(start, start + toRowBytes), at);
}
