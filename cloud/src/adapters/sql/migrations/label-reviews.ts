import { type Kysely, sql } from '@pomona/kysely';
import type { Tables } from '../tables.ts';

/**
 * Second opinions of labels, and in the history what an entry is, where it was said and what held before. Of what was said earlier the place is
 * known only where the name tells it. Nobody is asked for a second opinion of labels that there are already.
 */
export async function addLabelReviews(db: Kysely<Tables>): Promise<void> {
  const { schema } = db;
  await schema
    .alterTable('samples')
    .addColumn('review', 'text', (c) => c.notNull().defaultTo('none'))
    .execute();
  for (const column of ['second_label', 'second_by', 'view_votes'])
    await schema.alterTable('samples').addColumn(column, 'text').execute();
  for (const [column, before] of [
    ['kind', 'label'],
    ['source', 'unrecorded'],
  ] as const)
    await schema
      .alterTable('sample_labels')
      .addColumn(column, 'text', (c) => c.notNull().defaultTo(before))
      .execute();
  for (const column of ['label_before', 'actor_before'])
    await schema.alterTable('sample_labels').addColumn(column, 'text').execute();
  for (const [actor, source] of [
    ['line-operator', 'operator-page'],
    ['truth', 'scenario-truth'],
  ] as const)
    await db.updateTable('sample_labels').set({ source }).where('actor', '=', actor).execute();
  for (const [column, of] of [
    ['label_before', 'label'],
    ['actor_before', 'actor'],
  ] as const)
    await sql`update sample_labels set ${sql.ref(column)} = (
      select ${sql.ref(`earlier.${of}`)} from sample_labels as earlier
      where earlier.sample_id = sample_labels.sample_id and earlier.id < sample_labels.id
      order by earlier.id desc limit 1)`.execute(db);
  // Whoever took a label back left none.
  await db
    .updateTable('sample_labels')
    .set({ actor_before: null })
    .where('label_before', 'is', null)
    .execute();
  await schema.createIndex('samples_review').on('samples').columns(['review', 'labelled_at']).execute();
  await schema.createIndex('sample_labels_kind').on('sample_labels').columns(['kind', 'id']).execute();
}
