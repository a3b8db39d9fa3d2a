/**
 * Stands between a TLS socket and the broker, which has no limits of its own here. It refuses a packet whose announced
 * length is over the limit before the bytes are collected (MQTT 3.1.1, section 2.2: a type byte, then the remaining
 * length in 1 to 4 bytes of 7 bits), and it gives each connection an outgoing buffer of its own: a subscriber that
 * does not read fills that, instead of holding up whoever publishes.
 */
import { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';

export interface ConnectionLimits {
  readonly packetBytesMax: number;
  readonly outgoingBytesMax: number;
}

const lingerMs = 1_000;

export class GuardedConnection extends Duplex {
  readonly socket: TLSSocket;
  readonly #packetBytesMax: number;
  readonly #onOversized: () => void;
  #state: 'type' | 'length' | 'body' = 'type';
  #length = 0;
  #shift = 0;
  #bodyLeft = 0;

  constructor(socket: TLSSocket, limits: ConnectionLimits, onOversized: () => void) {
    super({ writableHighWaterMark: limits.outgoingBytesMax, allowHalfOpen: false });
    this.socket = socket;
    this.#packetBytesMax = limits.packetBytesMax;
    this.#onOversized = onOversized;
    socket.on('data', (bytes: Buffer) => this.#take(bytes));
    socket.on('end', () => this.push(null));
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.destroy());
  }

  override _read(): void {
    this.socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#afterDrain(this.socket.write(chunk), done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    // Together: one TLS record instead of one for each field of a packet. The socket would do so with a copy into zeroed memory, after a write for each.
    this.#afterDrain(this.socket.write(Buffer.concat(chunks.map(({ chunk }) => chunk))), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.socket.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (error) this.socket.destroy();
    else {
      // What was written last may be the reason why the connection ends.
      this.socket.destroySoon();
      setTimeout(() => this.socket.destroy(), lingerMs).unref();
    }
    done(error);
  }

  #afterDrain(hasRoom: boolean, done: (error?: Error | null) => void): void {
    if (hasRoom || this.socket.destroyed) done();
    else this.socket.once('drain', () => done());
  }

  #take(bytes: Buffer): void {
    if (!this.#isWithinLimit(bytes)) {
      this.#onOversized();
      this.destroy(new Error('MQTT packet over the size limit'));
    } else if (!this.push(bytes)) this.socket.pause();
  }

  #isWithinLimit(bytes: Buffer): boolean {
    let at = 0;
    while (at < bytes.length) {
      if (this.#state === 'body') {
        const taken = Math.min(this.#bodyLeft, bytes.length - at);
        this.#bodyLeft -= taken;
        at += taken;
        if (this.#bodyLeft === 0) this.#state = 'type';
      } else if (this.#state === 'type') {
        at++;
        this.#state = 'length';
        this.#length = 0;
        this.#shift = 0;
      } else {
        const byte = bytes[at++]!;
        this.#length += (byte & 0x7f) * 2 ** this.#shift;
        this.#shift += 7;
        if (this.#length > this.#packetBytesMax || this.#shift > 28) return false;
        if (byte < 0x80) {
          this.#bodyLeft = this.#length;
          this.#state = this.#length === 0 ? 'type' : 'body';
        }
      }
    }
    return true;
  }
}
