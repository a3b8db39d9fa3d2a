import type { SampleLabel } from '@pomona/wire';
import type { TelemetryBatch } from '../../use-cases/ports.ts';
import type { PomonaDatabase } from './open-database.ts';
import { recordLabel } from './record-label.ts';

/**
 * Each sample once, by (boot, seq). Its pixels are kept as a blob already. What was labelled at the line comes with its label; it
 * holds for all samples of that fruit, since a fruit has one grade, whatever one person said of it before.
 */
export async function insertSamples(
  trx: PomonaDatabase,
  batch: TelemetryBatch,
  bootIdOf: (stationId: number, boot: string) => Promise<number>,
): Promise<void> {
  for (const { station, message, pixels } of batch.samples) {
    const { release, fruit, label, candidate } = message;
    const at = Date.parse(fruit.at);
    const bootId = await bootIdOf(station.id, message.boot);
    const fresh = await trx
      .insertInto('samples')
      .values({
        station_id: station.id,
        boot_id: bootId,
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
        candidate:
          candidate === undefined
            ? null
            : JSON.stringify({
                name: candidate.release.name,
                version: candidate.release.version,
                grade: candidate.grade,
              }),
        view_votes: fruit.viewVotes === undefined ? null : JSON.stringify(fruit.viewVotes),
      })
      .onConflict((conflict) => conflict.columns(['boot_id', 'seq']).doNothing())
      .returning('id')
      .executeTakeFirst();
    // One that comes again must not undo what was said of it since.
    if (fresh && label) await labelFruit(trx, { bootId, fruitSeq: fruit.seq, label }, batch.receivedAtMs);
  }
}

interface LabelledFruit {
  readonly bootId: number;
  readonly fruitSeq: number;
  readonly label: SampleLabel;
}

/** At the time of arrival: a device's clock may be wrong, and what counts as new since a retraining is what came since. */
async function labelFruit(
  trx: PomonaDatabase,
  { bootId, fruitSeq, label: { grade, source } }: LabelledFruit,
  atMs: number,
): Promise<void> {
  const samples = await trx
    .selectFrom('samples')
    .select('id')
    .where('boot_id', '=', bootId)
    .where('fruit_seq', '=', fruitSeq)
    .execute();
  for (const { id } of samples)
    await recordLabel(trx, id, () => ({
      ...{ kind: 'label', source: 'operator-page', actor: source, label: grade, atMs },
    }));
}
