/**
 * The byte stream between a camera program and its reader: frames one after the other, each a header of
 * 40 bytes (little endian) and `width * height * 3` bytes of RGB.
 *
 *     0 u32 magic "MFRM"    8 u16 width            16 f64 capture time, monotonic ms   32 u32 payload bytes
 *     4 u16 version        10 u16 height           24 f64 encoder position, mm         36 u32 zero
 *     6 u16 format         12 u32 frame sequence
 *
 * A pipe cuts the stream anywhere, and a camera program that is restarted may leave half a frame behind:
 * the decoder takes chunks of any size and finds the next header after bytes that make no sense. It holds
 * one header and one unfinished frame, never more.
 */
import type { Frame } from './frame.ts';

export const frameHeaderBytes = 40;
const magic = 0x4d52464d;
const version = 1;
const formatRgb24 = 1;
/** Thirty years of milliseconds, a million kilometres of belt: beyond, sums lose their fractions or their finiteness. */
const readingMax = 1e12;

/** Writes the header that goes before `frame.data` on the wire; returns `out`. */
export function encodeFrameHeader(frame: Frame, out = new Uint8Array(frameHeaderBytes)): Uint8Array {
  const view = new DataView(out.buffer, out.byteOffset, frameHeaderBytes);
  view.setUint32(0, magic, true);
  view.setUint16(4, version, true);
  view.setUint16(6, formatRgb24, true);
  view.setUint16(8, frame.width, true);
  view.setUint16(10, frame.height, true);
  view.setUint32(12, frame.seq, true);
  view.setFloat64(16, frame.capturedAtMs, true);
  view.setFloat64(24, frame.encoderMm, true);
  view.setUint32(32, frame.width * frame.height * 3, true);
  view.setUint32(36, 0, true);
  return out;
}

export interface FrameDecoderOptions {
  /** Frames with a larger payload are taken for garbage. Default 12 MB (a 4-megapixel camera). */
  readonly payloadBytesMax?: number;
  /** Where a frame's pixels go; the receiver of the frame owns the buffer. Default: a new `Uint8Array`. */
  readonly allocate?: (bytes: number) => Uint8Array;
}

/** Turns chunks of the stream into frames. Pixels are copied once, from the chunk to their final place. */
export class FrameDecoder {
  /** Whole frames handed out since the start. */
  framesRead = 0;
  /** Bytes that belonged to no frame. */
  bytesSkipped = 0;
  readonly #payloadBytesMax: number;
  readonly #allocate: (bytes: number) => Uint8Array;
  readonly #header = new Uint8Array(frameHeaderBytes);
  readonly #headerView = new DataView(this.#header.buffer);
  #headerFill = 0;
  #frame: Frame | undefined;
  #payloadFill = 0;
  /** Of a frame that was never finished. */
  #unused: Uint8Array | undefined;

  constructor(options: FrameDecoderOptions = {}) {
    this.#payloadBytesMax = options.payloadBytesMax ?? 12_000_000;
    this.#allocate = options.allocate ?? ((bytes) => new Uint8Array(bytes));
  }

  /** Takes the next bytes of the stream and hands out, in order, every frame that they complete. */
  push(chunk: Uint8Array, onFrame: (frame: Frame) => void): void {
    let at = 0;
    while (at < chunk.length) {
      at +=
        this.#frame === undefined ? this.#takeHeader(chunk, at) : this.#takePayload(this.#frame, chunk, at);
      const frame = this.#frame;
      if (frame === undefined || this.#payloadFill < frame.data.length) continue;
      this.#frame = undefined;
      this.framesRead++;
      onFrame(frame);
    }
  }

  /** Forgets an unfinished frame, as when the camera program was restarted. */
  reset(): void {
    this.bytesSkipped +=
      this.#headerFill + (this.#frame === undefined ? 0 : frameHeaderBytes + this.#payloadFill);
    this.#headerFill = 0;
    this.#unused = this.#frame?.data ?? this.#unused;
    this.#frame = undefined;
  }

  #takePayload(frame: Frame, chunk: Uint8Array, at: number): number {
    const take = Math.min(frame.data.length - this.#payloadFill, chunk.length - at);
    frame.data.set(chunk.subarray(at, at + take), this.#payloadFill);
    this.#payloadFill += take;
    return take;
  }

  #takeHeader(chunk: Uint8Array, at: number): number {
    const take = Math.min(frameHeaderBytes - this.#headerFill, chunk.length - at);
    this.#header.set(chunk.subarray(at, at + take), this.#headerFill);
    this.#headerFill += take;
    this.#dropUntilMagic();
    if (this.#headerFill < frameHeaderBytes) return take;
    const { payloadBytes, ...about } = this.#readHeader();
    if (!this.#isHeader(payloadBytes)) {
      this.#drop(1);
      this.#dropUntilMagic();
      return take;
    }
    this.#headerFill = 0;
    this.#payloadFill = 0;
    this.#frame = { ...about, data: this.#bufferOf(payloadBytes) };
    return take;
  }

  #bufferOf(bytes: number): Uint8Array {
    if (this.#unused?.length !== bytes) return this.#allocate(bytes);
    const data = this.#unused;
    this.#unused = undefined;
    return data;
  }

  /** Moves the first place where the magic could begin to the front of the header buffer. */
  #dropUntilMagic(): void {
    let skip = 0;
    while (skip < this.#headerFill && !this.#couldBeMagicAt(skip)) skip++;
    if (skip > 0) this.#drop(skip);
  }

  #couldBeMagicAt(at: number): boolean {
    for (let i = 0; i < 4 && at + i < this.#headerFill; i++) {
      if (this.#header[at + i] !== ((magic >>> (8 * i)) & 0xff)) return false;
    }
    return true;
  }

  #drop(bytes: number): void {
    this.#header.copyWithin(0, bytes, this.#headerFill);
    this.#headerFill -= bytes;
    this.bytesSkipped += bytes;
  }

  #readHeader(): Omit<Frame, 'data'> & { payloadBytes: number } {
    const view = this.#headerView;
    return {
      width: view.getUint16(8, true),
      height: view.getUint16(10, true),
      seq: view.getUint32(12, true),
      capturedAtMs: view.getFloat64(16, true),
      encoderMm: view.getFloat64(24, true),
      payloadBytes: view.getUint32(32, true),
    };
  }

  #isHeader(payloadBytes: number): boolean {
    const view = this.#headerView;
    const pixels = view.getUint16(8, true) * view.getUint16(10, true);
    return (
      view.getUint16(4, true) === version &&
      view.getUint16(6, true) === formatRgb24 &&
      payloadBytes > 0 &&
      payloadBytes === pixels * 3 &&
      payloadBytes <= this.#payloadBytesMax &&
      Math.abs(view.getFloat64(16, true)) <= readingMax &&
      Math.abs(view.getFloat64(24, true)) <= readingMax
    );
  }
}
