import type { LabelKind, LabelSource } from '@pomona/wire';
import {
  type FruitName,
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
  const isChosen = isForSecond(await fruitOf(trx, sampleId));
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

/** A photograph is named by its dataset and its content. */
async function fruitOf(trx: PomonaDatabase, sampleId: number): Promise<FruitName> {
  const { station, boot, seq, dataset, original } = await trx
    .selectFrom('samples')
    .leftJoin('stations', 'stations.id', 'samples.station_id')
    .leftJoin('boots', 'boots.id', 'samples.boot_id')
    .leftJoin('photographs', 'photographs.sample_id', 'samples.id')
    .select(['stations.name as station', 'boots.boot', 'samples.fruit_seq as seq'])
    .select(['photographs.dataset', 'photographs.original'])
    .where('samples.id', '=', sampleId)
    .executeTakeFirstOrThrow();
  return dataset === null
    ? { station: station!, boot: boot!, seq: Number(seq) }
    : { station: dataset, boot: original!, seq: 0 };
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
