import { type SamplePart, samplePartChars } from '@pomona/wire';
import type { KeptSample } from '../../use-cases/ports.ts';
import { asDatabaseError } from './database-errors.ts';
import type { PomonaDatabase } from './open-database.ts';

/** The sample that each station is sending, as far as it came: one of a station, in the order of its pieces. */
export class SqlSamplePartStore {
  readonly #db: PomonaDatabase;

  constructor(db: PomonaDatabase) {
    this.#db = db;
  }

  /**
   * Keeps a piece that goes on where the last one ended. A piece of another sample is the end of what was kept of the one before, which its
   * station has given up. Retryable errors: `database-full`, `database-busy`.
   */
  async add(stationId: number, part: SamplePart, atMs: number): Promise<KeptSample> {
    try {
      return await this.#add(stationId, part, atMs);
    } catch (error) {
      throw asDatabaseError(error);
    }
  }

  #add(stationId: number, part: SamplePart, atMs: number): Promise<KeptSample> {
    return this.#db.transaction().execute(async (trx) => {
      const rows = trx.selectFrom('sample_parts').where('station_id', '=', stationId);
      const last = await rows.selectAll().orderBy('start', 'desc').limit(1).executeTakeFirst();
      const isSame = last !== undefined && isOf(last, part);
      if (last !== undefined && !isSame)
        await trx.deleteFrom('sample_parts').where('station_id', '=', stationId).execute();
      const { boot, seq, text, part: piece } = part;
      const start = isSame ? last.end : 0;
      const end = start + text.length;
      const fits = piece.from === start && end <= piece.of && text.length > 0;
      if (fits && (end === piece.of || text.length >= samplePartChars.min)) {
        const { digest } = piece;
        const row = { boot, seq, digest, start, end, text, station_id: stationId, received_at: atMs };
        await trx.insertInto('sample_parts').values(row).execute();
        if (end < piece.of) return { upTo: end };
      } else if (start < piece.of) return { upTo: start };
      const all = await rows.select('text').orderBy('start').execute();
      return { upTo: piece.of, text: all.map((row) => row.text).join('') };
    });
  }

  async forget(stationId: number, { boot, seq }: Pick<SamplePart, 'boot' | 'seq'>): Promise<void> {
    await this.#db
      .deleteFrom('sample_parts')
      .where('station_id', '=', stationId)
      .where('boot', '=', boot)
      .where('seq', '=', seq)
      .execute();
  }
}

function isOf(
  row: { readonly boot: string; readonly seq: number; readonly digest: string; readonly end: number },
  { boot, seq, part }: SamplePart,
): boolean {
  return row.boot === boot && row.seq === seq && row.digest === part.digest && row.end <= part.of;
}
