import { parseTopic } from '@pomona/wire';
import type { Ingest } from './ingest.ts';
import type { Rejections } from './rejections.ts';
import type { TransferServer } from './serve-transfer.ts';

export interface ReceivePorts {
  readonly ingest: Pick<Ingest, 'accept'>;
  readonly transfers: Pick<TransferServer, 'accept'>;
  readonly rejections: Rejections;
}

/** Gives what the broker delivers to the use-case that its channel belongs to. Never throws. */
export function receive(
  { ingest, transfers, rejections }: ReceivePorts,
  topic: string,
  bytes: Uint8Array,
): void {
  const parsed = parseTopic(topic);
  if (!parsed) {
    rejections.count({ station: null, channel: null, cause: 'unknown-topic', detail: topic });
    return;
  }
  const { address, channel } = parsed;
  switch (channel) {
    case 'status':
    case 'reported':
    case 'grades':
    case 'health':
    case 'samples':
    case 'drift':
    case 'shadow':
      ingest.accept(address, channel, bytes);
      break;
    case 'transfer/request':
      transfers.accept(address, bytes);
      break;
    case 'desired':
    case 'ack':
    case 'alerts':
    case 'transfer/chunk':
      rejections.count({ station: address.station, channel, cause: 'wrong-direction', detail: topic });
      break;
  }
}
