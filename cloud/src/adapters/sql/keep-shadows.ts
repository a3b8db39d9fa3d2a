import type { ShadowFigures } from '@pomona/wire';
import type { TelemetryBatch } from '../../use-cases/ports.ts';
import type { PomonaDatabase } from './open-database.ts';

/** The newest message of a boot takes the place of those before it. One for a rollout that there is not, or of which the station is no member, is nobody's. */
export async function keepShadows(
  trx: PomonaDatabase,
  batch: Pick<TelemetryBatch, 'shadows' | 'receivedAtMs'>,
): Promise<void> {
  for (const { station, message } of batch.shadows) {
    const { rollout, boot, seq, fruits, skipped, views, pairs, msPerView } = message;
    const member = await trx
      .selectFrom('rollout_stations')
      .select('position')
      .where('rollout_id', '=', rollout)
      .where('station', '=', station.station)
      .executeTakeFirst();
    if (member === undefined) continue;
    const figures: ShadowFigures = { fruits, skipped, views, pairs, msPerView };
    const values = { seq, received_at: batch.receivedAtMs, body: JSON.stringify(figures) };
    await trx
      .insertInto('rollout_shadows')
      .values({ rollout_id: rollout, station_id: station.id, boot, ...values })
      .onConflict((conflict) =>
        conflict
          .columns(['rollout_id', 'station_id', 'boot'])
          .doUpdateSet(values)
          .where('rollout_shadows.seq', '<', seq),
      )
      .execute();
  }
}
