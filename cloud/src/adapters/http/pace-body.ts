import { Transform, type TransformCallback } from 'node:stream';

/** Small enough that a station which shares a narrow cap with others hears something before it gives up. */
const pieceBytes = 16 * 1024;

/** Passes a body on as its turns come; what `turn` throws breaks it off. */
export class PacedBody extends Transform {
  readonly #turn: (bytes: number) => Promise<void> | undefined;

  constructor(turn: (bytes: number) => Promise<void> | undefined) {
    super();
    this.#turn = turn;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#pass(chunk).then(() => done(), done);
  }

  async #pass(chunk: Buffer): Promise<void> {
    // Nobody waits for the rest of a body whose reader is gone.
    for (let at = 0; at < chunk.byteLength && !this.destroyed; at += pieceBytes) {
      const piece = chunk.subarray(at, at + pieceBytes);
      await this.#turn(piece.byteLength);
      this.push(piece);
    }
  }
}
