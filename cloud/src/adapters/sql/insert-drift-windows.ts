import type { DriftWindow } from '@pomona/wire';
import type { TelemetryBatch } from '../../use-cases/ports.ts';
import type { PomonaDatabase } from './open-database.ts';

interface Names {
  bootIdOf(stationId: number, boot: string): Promise<number>;
  releaseIdOf(message: DriftWindow): Promise<number>;
}

/** Each window once, by (boot, seq). */
export async function insertDriftWindows(
  trx: PomonaDatabase,
  batch: TelemetryBatch,
  { bootIdOf, releaseIdOf }: Names,
): Promise<void> {
  for (const { station, message } of batch.drift) {
    await trx
      .insertInto('drift_windows')
      .values({
        station_id: station.id,
        boot_id: await bootIdOf(station.id, message.boot),
        seq: message.seq,
        release_id: await releaseIdOf(message),
        received_at: batch.receivedAtMs,
        fruits: message.fruits,
        edges: message.edges,
        body: JSON.stringify(message),
      })
      .onConflict((conflict) => conflict.columns(['boot_id', 'seq']).doNothing())
      .execute();
  }
}
