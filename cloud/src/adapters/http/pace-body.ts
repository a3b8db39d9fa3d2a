import { Transform, type TransformCallback } from 'node:stream';

/** Small enough that a station which shares a narrow cap with others hears something before it gives up. */
const pieceBytes = 16 * 1024;

/** Of a read, which costs the same for little as for much; the next is read while one is sent. */
export const readBytes = 128 * 1024;

/** Passes a body on as its turns come; what `turn` throws breaks it off. */
export class PacedBody extends Transform {
  readonly #turn: (bytes: number) => Promise<void> | undefined;

  constructor(turn: (bytes: number) => Promise<void> | undefined) {
    super({ highWaterMark: readBytes });
    this.#turn = turn;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#pass(chunk).then(() => done(), done);
  }

  async #pass(chunk: Buffer): Promise<void> {
    // Nobody waits for the rest of a body whose reader is gone.
    for (let at = 0; at < chunk.byteLength && !this.destroyed; ) {
      const piece = chunk.subarray(at, at + pieceBytes);
      const turn = this.#turn(piece.byteLength);
      if (turn === undefined) {
        // Without a cap the whole rest may go.
        this.push(chunk.subarray(at));
        return;
      }
      await turn;
      this.push(piece);
      at += piece.byteLength;
    }
  }
}
