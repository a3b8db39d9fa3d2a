/**
 * Telemetry that must reach the control plane: kept on disk until it acknowledges. A record is named by (boot, seq) for
 * ever. `seq` is drawn from one counter per boot that all threads share, so that no two records have the same name.
 */

import type { Payload } from '@pomona/wire';
import type { GradedFruit } from './line-messages.ts';

export type OutboxKind = 'fruit' | 'health' | 'sample' | 'drift';

/** Samples are large and can wait: they travel beside the rest, which never waits for them. */
export type OutboxLane = 'telemetry' | 'samples';

export interface OutboxRecord {
  readonly kind: OutboxKind;
  readonly boot: string;
  readonly seq: number;
  /** `GradedFruit` for a fruit, the channel's payload for the others. */
  readonly value: GradedFruit | Payload<'health'> | Payload<'samples'> | Payload<'drift'>;
}

/** The writing side; each thread opens its own. */
export interface OutboxWriter {
  /** Draws the next sequence number of this boot. */
  nextSeq(): number;
  /**
   * Durable against a killed process when it returns, unless the disk is full or broken: what it does not take waits in memory. When the outbox is full, the oldest samples go first,
   * then the oldest health, then the oldest of what is left; samples also have a limit of their own, and those that a
   * person labelled are the last of them. Samples do not wait for a disk. What was thrown away is counted.
   * Returns false when that was the record itself.
   */
  append(record: OutboxRecord): boolean;
}

/** The sending side; only the main thread. */
export interface OutboxReader {
  /** Oldest first; `after` is the row of the last record of the lane that was read; the lane is `telemetry` unless named. */
  read(after: number, limit: number, lane?: OutboxLane): readonly StoredRecord[];
  acknowledge(boot: string, ranges: readonly (readonly [number, number])[]): void;
  depth(): number;
  dropped(): number;
}

export interface StoredRecord extends OutboxRecord {
  readonly row: number;
}
