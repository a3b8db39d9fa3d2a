import type { ImageFigures, PhotographCounts, Provenance, Standardise } from '@pomona/wire';
import { standingOf } from '../../domain/label-standing.ts';
import type {
  FoundPhotograph,
  KeptPhotograph,
  PhotographImport,
  PhotographStore,
  TakenPhotograph,
  Taker,
} from '../../use-cases/photograph-ports.ts';
import type { PomonaDatabase } from './open-database.ts';
import { recordLabel, saidOf } from './record-label.ts';

/** Others may write in between. */
const rowsAtOnce = 100;
/** SQLite takes 32,766 variables. */
const idsAtOnce = 10_000;

/** Photographs that were imported. Each in which a fruit was found is a sample as well, and is labelled as one. */
export class SqlPhotographStore implements PhotographStore {
  readonly #db: PomonaDatabase;

  constructor(db: PomonaDatabase) {
    this.#db = db;
  }

  async keep(
    found: readonly FoundPhotograph[],
    into: PhotographImport,
  ): Promise<{ added: number; known: number }> {
    const count = { added: 0, known: 0 };
    for (let from = 0; from < found.length; from += rowsAtOnce)
      await this.#db.transaction().execute(async (trx) => {
        for (const photograph of found.slice(from, from + rowsAtOnce)) {
          const outcome = await keepOne(trx, photograph, into);
          if (outcome !== undefined) count[outcome]++;
        }
      });
    return count;
  }

  async listAt(dataset: string, atMs: number): Promise<KeptPhotograph[]> {
    const rows = await this.#db
      .selectFrom('photographs')
      .leftJoin('samples', 'samples.id', 'photographs.sample_id')
      .select(['path', 'original', 'group_name', 'about', 'photographs.grade', 'figures', 'refused'])
      .select(['sample_id', 'standardise', 'samples.pixels', 'samples.size', 'samples.labels'])
      .where('dataset', '=', dataset)
      .orderBy('path')
      .execute();
    const ids = rows.flatMap(({ sample_id }) => (sample_id === null ? [] : [sample_id]));
    const said: Awaited<ReturnType<typeof saidOf>> = new Map();
    for (let from = 0; from < ids.length; from += idsAtOnce)
      for (const [id, all] of await saidOf(this.#db, ids.slice(from, from + idsAtOnce), atMs))
        said.set(id, all);
    return rows.map(({ path, original, group_name: group, about, grade, figures, refused, ...sample }) => {
      const { label, review } = standingOf(said.get(sample.sample_id ?? 0) ?? [], false);
      return {
        ...{ path, original, group },
        ...(about === null ? {} : { about: JSON.parse(about) as Provenance }),
        ...(grade === null ? {} : { grade }),
        ...(figures === null ? {} : { figures: JSON.parse(figures) as ImageFigures }),
        ...(refused === null ? {} : { refused }),
        ...(sample.sample_id !== null && {
          crop: {
            ...{ pixels: sample.pixels!, size: sample.size!, review },
            labels: JSON.parse(sample.labels!) as string[],
            ...(sample.standardise !== null && {
              standardise: JSON.parse(sample.standardise) as Standardise,
            }),
            label: label && { label: label.label, by: label.by, at: new Date(label.atMs).toISOString() },
          },
        }),
      };
    });
  }

  async take(dataset: string, taken: readonly TakenPhotograph[], { by, source, atMs }: Taker): Promise<void> {
    await this.#db.transaction().execute(async (trx) => {
      for (const { original, grade } of taken) {
        const row = await trx
          .selectFrom('photographs')
          .select('sample_id')
          .where('dataset', '=', dataset)
          .where('original', '=', original)
          .executeTakeFirst();
        // A version of before photographs were kept has none here, and where no fruit was found there is nothing to label.
        if (row?.sample_id == null) continue;
        await recordLabel(trx, row.sample_id, ({ label }) =>
          label === null ? { kind: 'label', source, actor: by, label: grade, atMs } : undefined,
        );
      }
    });
  }

  async counts(): Promise<PhotographCounts[]> {
    const rows = await this.#db
      .selectFrom('photographs')
      .leftJoin('samples', 'samples.id', 'photographs.sample_id')
      .select(({ fn }) => [
        'dataset',
        fn.countAll<number | string>().as('photographs'),
        fn.count<number | string>('samples.label').as('labelled'),
        fn
          .count<number | string>('photographs.id')
          .filterWhere('samples.review', 'in', ['disputed', 'unresolved'])
          .as('disputed'),
        fn
          .count<number | string>('photographs.refused')
          .filterWhere('samples.label', 'is', null)
          .as('quarantined'),
      ])
      .groupBy('dataset')
      .orderBy('dataset')
      .execute();
    return rows.map(({ dataset, ...row }) => {
      const [photographs, labelled] = [Number(row.photographs), Number(row.labelled)];
      const quarantined = Number(row.quarantined);
      const unlabelled = photographs - labelled - quarantined;
      return { dataset, photographs, labelled, unlabelled, disputed: Number(row.disputed), quarantined };
    });
  }
}

async function keepOne(
  trx: PomonaDatabase,
  photograph: FoundPhotograph,
  into: PhotographImport,
): Promise<'added' | 'known' | undefined> {
  const { path, original, group, about, figures, said, refused, pixels } = photograph;
  const before = await trx
    .selectFrom('photographs')
    .select(['id', 'sample_id', 'grade'])
    .where('dataset', '=', into.dataset)
    .where('original', '=', original)
    .executeTakeFirst();
  const row = {
    ...{ path, group_name: group, grade: said?.grade ?? before?.grade ?? null, refused: refused ?? null },
    about: about === undefined ? null : JSON.stringify(about),
    figures: figures === undefined ? null : JSON.stringify(figures),
    standardise: into.standardise === undefined ? null : JSON.stringify(into.standardise),
  };
  const { id } = await (before === undefined
    ? trx
        .insertInto('photographs')
        .values({ dataset: into.dataset, original, ...row })
        .returning('id')
    : trx.updateTable('photographs').set(row).where('id', '=', before.id).returning('id')
  ).executeTakeFirstOrThrow();
  if (pixels === undefined) return undefined;
  const crop = { labels: JSON.stringify(into.labels), size: into.size, pixels };
  let sampleId = before?.sample_id ?? null;
  if (sampleId === null) {
    sampleId = await insertSample(trx, id, { ...crop, capturedAt: about?.capturedAt, atMs: into.atMs });
    await trx.updateTable('photographs').set({ sample_id: sampleId }).where('id', '=', id).execute();
  } else await trx.updateTable('samples').set(crop).where('id', '=', sampleId).execute();
  if (said !== undefined && refused === undefined)
    await recordLabel(trx, sampleId, ({ label }) =>
      // What a person said since stands, unless the folder was changed.
      said.grade === label?.label || (label !== null && said.grade === before?.grade)
        ? undefined
        : { kind: 'label', source: 'import', actor: said.labelled.by, label: said.grade, atMs: into.atMs },
    );
  return before?.sample_id == null ? 'added' : 'known';
}

async function insertSample(
  trx: PomonaDatabase,
  photographId: number,
  {
    capturedAt,
    atMs,
    ...crop
  }: {
    readonly labels: string;
    readonly size: number;
    readonly pixels: string;
    readonly capturedAt: string | undefined;
    readonly atMs: number;
  },
): Promise<number> {
  const { id } = await trx
    .insertInto('samples')
    .values({
      ...crop,
      ...{ station_id: 0, boot_id: 0, seq: photographId, fruit_seq: photographId, lane: 0 },
      ...{ at: capturedAt === undefined ? atMs : Date.parse(capturedAt), received_at: atMs },
      ...{ release_name: '', release_version: 0, release_digest: '', grade: '' },
      ...{ views: 1, reason: 'photograph', probabilities: '[]', uncertainty: 0, view_votes: null },
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}
