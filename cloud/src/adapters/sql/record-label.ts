import type { LabelKind, LabelSource } from '@pomona/wire';
import {
  isForSecond,
  type Said,
  type Standing,
  standAfter,
  standingOf,
} from '../../domain/label-standing.ts';
import type { PomonaDatabase } from './open-database.ts';

/**
 * Adds to a sample's history what `say` makes of where it stands, and keeps in its row what holds then; within the caller's transaction, so that
 * two people who speak at once are heard one after the other. Nothing happens when `say` returns undefined.
 */
export async function recordLabel(
  trx: PomonaDatabase,
  sampleId: number,
  say: (standing: Standing) => Said | undefined,
): Promise<void> {
  const sample = await trx
    .selectFrom('samples')
    .innerJoin('stations', 'stations.id', 'samples.station_id')
    .innerJoin('boots', 'boots.id', 'samples.boot_id')
    .select(['stations.name', 'boots.boot', 'samples.fruit_seq'])
    .where('samples.id', '=', sampleId)
    .executeTakeFirstOrThrow();
  const { name: station, boot, fruit_seq } = sample;
  const isChosen = isForSecond({ station, boot, seq: Number(fruit_seq) });
  const before = standingOf((await saidOf(trx, [sampleId])).get(sampleId) ?? [], isChosen);
  const said = say(before);
  if (said === undefined) return;
  await trx
    .insertInto('sample_labels')
    .values({
      ...{ sample_id: sampleId, at: said.atMs, actor: said.actor, label: said.label },
      ...{ kind: said.kind, source: said.source },
      ...{ label_before: before.label?.label ?? null, actor_before: before.label?.by ?? null },
    })
    .execute();
  const { label, second, review } = standAfter(before, said, isChosen);
  await trx
    .updateTable('samples')
    .set({
      ...{ label: label?.label ?? null, labelled_at: label?.atMs ?? null, labelled_by: label?.by ?? null },
      ...{ second_label: second?.label ?? null, second_by: second?.by ?? null, review },
    })
    .where('id', '=', sampleId)
    .execute();
}

/** What was said of each of the samples, oldest first; until an instant where one is given. */
export async function saidOf(
  db: PomonaDatabase,
  sampleIds: readonly number[],
  untilMs?: number,
): Promise<Map<number, Said[]>> {
  let rows = db
    .selectFrom('sample_labels')
    .select(['sample_id', 'at', 'actor', 'label', 'kind', 'source'])
    .where('sample_id', 'in', sampleIds)
    .orderBy('id');
  if (untilMs !== undefined) rows = rows.where('at', '<=', untilMs);
  const said = new Map<number, Said[]>();
  for (const { sample_id, at, actor, label, kind, source } of await rows.execute()) {
    const all = said.get(sample_id) ?? [];
    all.push({ kind: kind as LabelKind, source: source as LabelSource, actor, label, atMs: Number(at) });
    said.set(sample_id, all);
  }
  return said;
}
