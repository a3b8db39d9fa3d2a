import type { Rejection } from '../../use-cases/ports.ts';
import type { PomonaDatabase } from './open-database.ts';

/** How often what was refused, by station, channel and cause. */
export class SqlRejectionStore {
  readonly #db: PomonaDatabase;

  constructor(db: PomonaDatabase) {
    this.#db = db;
  }

  async add(rejections: readonly Rejection[], nowMs: number): Promise<void> {
    for (const { station, channel, cause, count, detail } of rejections) {
      await this.#db
        .insertInto('rejections')
        .values({ station: station ?? '', channel: channel ?? '', cause, count, last_at: nowMs, detail })
        .onConflict((conflict) =>
          conflict.columns(['station', 'channel', 'cause']).doUpdateSet(({ eb, ref }) => ({
            count: eb(ref('rejections.count'), '+', count),
            last_at: nowMs,
            detail,
          })),
        )
        .execute();
    }
  }

  /** Over all stations and all time, unlike `list`, so that a figure never falls. */
  async totals(): Promise<Pick<Rejection, 'channel' | 'cause' | 'count'>[]> {
    const rows = await this.#db
      .selectFrom('rejections')
      .select(({ fn }) => ['channel', 'cause', fn.sum<number>('count').as('count')])
      .groupBy(['channel', 'cause'])
      .execute();
    return rows.map(({ channel, cause, count }) => ({ channel: channel || null, cause, count }));
  }

  /** The latest. */
  async list(): Promise<Rejection[]> {
    const rows = await this.#db
      .selectFrom('rejections')
      .selectAll()
      .orderBy('last_at', 'desc')
      .limit(200)
      .execute();
    return rows.map(({ station, channel, cause, count, detail }) => ({
      station: station || null,
      channel: channel || null,
      cause,
      count,
      detail,
    }));
  }
}
