/** Decodes what the control plane sends. Whatever else arrives is counted, said once per cause, and goes no further. */
import { type Ack, type Chunk, channels, decode, decodeChunk, type SignedEnvelope } from '@pomona/wire';
import type { Rejections } from '../domain/rejections.ts';

export interface Receivers {
  readonly ack: (ack: Ack) => void;
  readonly desired: (envelope: SignedEnvelope) => void;
  readonly chunk: (chunk: Chunk) => void;
}

export type OnRejected = (channel: string, cause: string, detail: string) => void;

export function createReceive(receivers: Receivers, rejections: Rejections, onRejected: OnRejected) {
  const reject = (channel: string, cause: string, detail: string): void => {
    if (rejections.count(channel, cause)) onRejected(channel, cause, detail);
  };
  return (channel: 'ack' | 'desired' | 'transfer/chunk', bytes: Uint8Array): void => {
    if (channel === 'transfer/chunk') {
      const { maxBytes } = channels[channel];
      const chunk = bytes.byteLength <= maxBytes ? decodeChunk(bytes) : undefined;
      if (chunk !== undefined) receivers.chunk(chunk);
      else if (bytes.byteLength > maxBytes)
        reject(channel, 'oversized', `${bytes.byteLength} bytes, at most ${maxBytes}`);
      else reject(channel, 'not-a-chunk', `${bytes.byteLength} bytes`);
      return;
    }
    const decoded = decode(channel, bytes);
    if (!decoded.ok) reject(channel, decoded.cause, decoded.detail);
    else if (channel === 'ack') receivers.ack(decoded.value as Ack);
    else receivers.desired(decoded.value as SignedEnvelope);
  };
}
