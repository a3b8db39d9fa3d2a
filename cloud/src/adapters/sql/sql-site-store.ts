import type { SiteChange, SiteDelivery } from '@pomona/wire';
import type { PomonaDatabase } from './open-database.ts';

const logMax = 500;

/** What was said of each site's delivery; the last word holds, and the earlier ones stay. */
export class SqlSiteStore {
  readonly #db: PomonaDatabase;

  constructor(db: PomonaDatabase) {
    this.#db = db;
  }

  async current(): Promise<ReadonlyMap<string, SiteDelivery>> {
    const rows = await this.#db
      .selectFrom('site_deliveries')
      .select(['site', 'body'])
      .where('id', 'in', (query) =>
        query
          .selectFrom('site_deliveries')
          .select(({ fn }) => fn.max('id').as('id'))
          .groupBy('site'),
      )
      .execute();
    return new Map(rows.map(({ site, body }) => [site, deliveryOf(body)]));
  }

  async add(site: string, { at, actor, reason, delivery }: SiteChange): Promise<void> {
    await this.#db
      .insertInto('site_deliveries')
      .values({ site, at: Date.parse(at), actor, reason, body: JSON.stringify(delivery) })
      .execute();
  }

  /** Newest first. */
  async log(site: string): Promise<SiteChange[]> {
    const rows = await this.#db
      .selectFrom('site_deliveries')
      .select(['at', 'actor', 'reason', 'body'])
      .where('site', '=', site)
      .orderBy('id', 'desc')
      .limit(logMax)
      .execute();
    return rows.map(({ at, body, ...change }) => ({
      ...change,
      at: new Date(Number(at)).toISOString(),
      delivery: deliveryOf(body),
    }));
  }
}

function deliveryOf(body: string): SiteDelivery {
  return JSON.parse(body) as SiteDelivery;
}
