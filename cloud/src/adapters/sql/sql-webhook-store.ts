import { randomUUID } from 'node:crypto';
import type { Selectable } from '@pomona/kysely';
import type { WebhookBody, WebhookDelivery, WebhookView } from '@pomona/wire';
import type { AlertNews } from '../../use-cases/alerts.ts';
import type { AttemptResult, DueDelivery } from '../../use-cases/webhooks.ts';
import type { PomonaDatabase } from './open-database.ts';
import type { WebhookDeliveryRow, WebhookRow } from './tables.ts';

/** Deliveries that are over are kept so long for who asks what happened. */
const keptMs = 30 * 86_400_000;

/** Webhooks, and what each is still to be told. */
export class SqlWebhookStore {
  readonly #db: PomonaDatabase;

  constructor(db: PomonaDatabase) {
    this.#db = db;
  }

  async add(url: string, secret: string, actor: string, nowMs: number): Promise<WebhookView> {
    const row = await this.#db
      .insertInto('webhooks')
      .values({ url, secret, created_by: actor, created_at: nowMs })
      .returningAll()
      .executeTakeFirstOrThrow();
    return this.#viewOf(row);
  }

  /** In the order in which they were added. */
  async list(): Promise<WebhookView[]> {
    const rows = await this.#db.selectFrom('webhooks').selectAll().orderBy('id').execute();
    return Promise.all(rows.map((row) => this.#viewOf(row)));
  }

  /** With all that it was still to be told. False when there is no such webhook. */
  remove(id: number): Promise<boolean> {
    return this.#db.transaction().execute(async (trx) => {
      await trx.deleteFrom('webhook_deliveries').where('webhook_id', '=', id).execute();
      const { numDeletedRows } = await trx.deleteFrom('webhooks').where('id', '=', id).executeTakeFirst();
      return numDeletedRows > 0n;
    });
  }

  /** A delivery that says nothing but that it came; not due by itself. Undefined when there is no such webhook. */
  async queueTest(id: number, nowMs: number): Promise<DueDelivery | undefined> {
    const webhook = await this.#db
      .selectFrom('webhooks')
      .select('id')
      .where('id', '=', id)
      .executeTakeFirst();
    if (webhook === undefined) return undefined;
    const row = deliveryOf(id, 'test', null, nowMs);
    await this.#db
      .insertInto('webhook_deliveries')
      .values({ ...row, next_at: null })
      .execute();
    return this.#deliveries().where('delivery', '=', row.delivery).executeTakeFirstOrThrow();
  }

  /** In the order in which they were added. */
  secrets(): Promise<{ id: number; url: string; secret: string }[]> {
    return this.#db.selectFrom('webhooks').select(['id', 'url', 'secret']).orderBy('id').execute();
  }

  async setSecret(id: number, secret: string): Promise<void> {
    await this.#db.updateTable('webhooks').set({ secret }).where('id', '=', id).execute();
  }

  /** That are to be told something by now. */
  async dueWebhooks(nowMs: number): Promise<number[]> {
    const rows = await this.#db
      .selectFrom('webhook_deliveries')
      .select('webhook_id')
      .distinct()
      .where('next_at', '<=', nowMs)
      .orderBy('webhook_id')
      .execute();
    return rows.map(({ webhook_id }) => webhook_id);
  }

  /** The oldest that the webhook is to be told by now. */
  nextDue(webhook: number, nowMs: number): Promise<DueDelivery | undefined> {
    return this.#deliveries()
      .where('webhook_id', '=', webhook)
      .where('next_at', '<=', nowMs)
      .orderBy('webhook_deliveries.id')
      .limit(1)
      .executeTakeFirst();
  }

  /** When another than these is to be told something next, milliseconds since 1970; undefined when nothing waits. */
  async nextAtMs(except: readonly number[]): Promise<number | undefined> {
    const first = this.#db
      .selectFrom('webhook_deliveries')
      .select('next_at')
      .where('next_at', 'is not', null)
      .$if(except.length > 0, (query) => query.where('webhook_id', 'not in', except))
      .orderBy('next_at')
      .limit(1);
    return (await first.executeTakeFirst())?.next_at ?? undefined;
  }

  async finish(id: number, result: AttemptResult, nowMs: number): Promise<void> {
    const { state, attempts, status, error, nextAtMs } = result;
    await this.#db
      .updateTable('webhook_deliveries')
      .set({ state, attempts, status, error, attempted_at: nowMs, next_at: nextAtMs })
      .where('id', '=', id)
      .execute();
    await this.#db
      .deleteFrom('webhook_deliveries')
      .where('next_at', 'is', null)
      .where('attempted_at', '<', nowMs - keptMs)
      .execute();
  }

  #deliveries() {
    return this.#db
      .selectFrom('webhook_deliveries')
      .innerJoin('webhooks', 'webhooks.id', 'webhook_deliveries.webhook_id')
      .select(['webhook_deliveries.id', 'webhook_id as webhook', 'url', 'secret'])
      .select(['delivery', 'event', 'body', 'attempts']);
  }

  async #viewOf({ id, url, created_by, created_at }: Selectable<WebhookRow>): Promise<WebhookView> {
    const deliveries = this.#db.selectFrom('webhook_deliveries').where('webhook_id', '=', id);
    const last = deliveries
      .selectAll()
      .where('attempted_at', 'is not', null)
      .orderBy('attempted_at', 'desc')
      .orderBy('id', 'desc')
      .limit(1);
    const waiting = deliveries.select((eb) => eb.fn.countAll().as('count')).where('next_at', 'is not', null);
    const tried = await last.executeTakeFirst();
    return {
      ...{ id, url, createdBy: created_by, createdAt: new Date(created_at).toISOString() },
      waiting: Number((await waiting.executeTakeFirstOrThrow()).count),
      last: tried === undefined ? null : deliveryViewOf(tried),
    };
  }
}

/** Within the transaction that changes the alert: what is stored is told, also when this program ends in between. */
export async function queueForWebhooks(
  trx: PomonaDatabase,
  { event, alert }: AlertNews,
  nowMs: number,
): Promise<void> {
  const webhooks = await trx.selectFrom('webhooks').select('id').execute();
  for (const { id } of webhooks)
    await trx
      .insertInto('webhook_deliveries')
      .values(deliveryOf(id, event, alert, nowMs))
      .execute();
}

function deliveryOf(
  webhook: number,
  event: WebhookBody['event'],
  alert: WebhookBody['alert'],
  nowMs: number,
): Omit<WebhookDeliveryRow, 'id'> {
  const delivery = randomUUID();
  const body: WebhookBody = { v: 1, delivery, event, at: new Date(nowMs).toISOString(), alert };
  return {
    ...{ webhook_id: webhook, delivery, event, body: JSON.stringify(body) },
    ...{ state: 'waiting', attempts: 0, status: null, error: null, attempted_at: null, next_at: nowMs },
  };
}

function deliveryViewOf(row: Selectable<WebhookDeliveryRow>): WebhookDelivery {
  const { delivery, event, state, attempts, status, error } = row;
  return {
    ...{ delivery, event: event as WebhookDelivery['event'], state, attempts, status, error },
    attemptedAt: instant(row.attempted_at),
    nextAt: instant(row.next_at),
  };
}

function instant(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
