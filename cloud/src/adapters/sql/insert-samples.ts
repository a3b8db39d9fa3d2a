import type { TelemetryBatch } from '../../use-cases/ports.ts';
import type { PomonaDatabase } from './open-database.ts';

/** Each sample once, by (boot, seq). Its pixels are kept as a blob already. */
export async function insertSamples(
  trx: PomonaDatabase,
  batch: TelemetryBatch,
  bootIdOf: (stationId: number, boot: string) => Promise<number>,
): Promise<void> {
  for (const { station, message, pixels } of batch.samples) {
    const { release, fruit } = message;
    const at = Date.parse(fruit.at);
    await trx
      .insertInto('samples')
      .values({
        station_id: station.id,
        boot_id: await bootIdOf(station.id, message.boot),
        seq: message.seq,
        at: Number.isNaN(at) ? batch.receivedAtMs : at,
        received_at: batch.receivedAtMs,
        release_name: release.name,
        release_version: release.version,
        release_digest: release.digest,
        labels: JSON.stringify(message.labels),
        size: message.size,
        views: message.views.length,
        reason: message.reason,
        fruit_seq: fruit.seq,
        lane: fruit.lane,
        grade: fruit.grade,
        probabilities: JSON.stringify(fruit.probabilities),
        uncertainty: 1 - Math.max(...fruit.probabilities),
        pixels: pixels.digest,
      })
      .onConflict((conflict) => conflict.columns(['boot_id', 'seq']).doNothing())
      .execute();
  }
}
