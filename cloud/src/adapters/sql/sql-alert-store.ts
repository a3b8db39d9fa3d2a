import type { Selectable } from '@pomona/kysely';
import type { AlertBefore, AlertEvent, AlertView } from '@pomona/wire';
import type { AlertNews, NewAlert } from '../../use-cases/alerts.ts';
import type { PomonaDatabase } from './open-database.ts';
import { queueForWebhooks } from './sql-webhook-store.ts';
import type { AlertRow } from './tables.ts';

const listedMax = 500;

/** Alerts, one row per episode; a row becomes critical, is told a reason, is closed and acknowledged, never deleted. What webhooks are to be told is stored with the change. */
export class SqlAlertStore {
  readonly #db: PomonaDatabase;

  constructor(db: PomonaDatabase) {
    this.#db = db;
  }

  /** Undefined when one of this kind is open for the station already and is as severe; one that is less so becomes this one. */
  async open(alert: NewAlert, nowMs: number): Promise<AlertNews | undefined> {
    return this.#db.transaction().execute(async (trx) => {
      const [open] = await openOf(trx, alert.kind, alert.station);
      if (open !== undefined && isWorse(alert, open)) return escalate(trx, open, alert, nowMs);
      if (open !== undefined) {
        if (saysMore(alert, open)) await takeDetail(trx, open, alert);
        return undefined;
      }
      const row = await trx
        .insertInto('alerts')
        .values({
          kind: alert.kind,
          severity: alert.severity,
          station: alert.station,
          title: alert.title,
          detail: alert.detail,
          evidence: JSON.stringify(alert.evidence),
          opened_at: nowMs,
        })
        .returningAll()
        .executeTakeFirstOrThrow();
      return { event: 'raised', alert: await told(trx, 'raised', row, nowMs) } as const;
    });
  }

  /** Undefined when none is open. */
  async close(
    kind: AlertView['kind'],
    station: string | null,
    nowMs: number,
  ): Promise<AlertView | undefined> {
    return this.#db.transaction().execute(async (trx) => {
      const [open] = await openOf(trx, kind, station);
      if (open === undefined) return undefined;
      const set = { closed_at: nowMs };
      const row = trx.updateTable('alerts').set(set).where('id', '=', open.id).returningAll();
      return told(trx, 'over', await row.executeTakeFirstOrThrow(), nowMs);
    });
  }

  /** Undefined when there is no such alert. */
  async acknowledge(id: number, actor: string, note: string, nowMs: number): Promise<AlertView | undefined> {
    return this.#db.transaction().execute(async (trx) => {
      const row = await trx
        .updateTable('alerts')
        .set({ acknowledged_at: nowMs, acknowledged_by: actor, note })
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirst();
      return row && told(trx, 'acknowledged', row, nowMs);
    });
  }

  /** Open ones first, however old, then those that are over; each newest first, 500 in all. Of all kinds unless one is named. */
  async list(kind?: AlertView['kind']): Promise<AlertView[]> {
    const newest = (limit: number) => {
      const rows = this.#db.selectFrom('alerts').selectAll().orderBy('id', 'desc').limit(limit);
      return kind === undefined ? rows : rows.where('kind', '=', kind);
    };
    const open = await newest(listedMax).where('closed_at', 'is', null).execute();
    const over = await newest(listedMax - open.length)
      .where('closed_at', 'is not', null)
      .execute();
    return [...open, ...over].map(viewOf);
  }

  /** Oldest first. */
  async listOpen(): Promise<AlertView[]> {
    const rows = this.#db.selectFrom('alerts').selectAll().where('closed_at', 'is', null).orderBy('id');
    return (await rows.limit(listedMax).execute()).map(viewOf);
  }

  /** The stations for which one of the kind is open. */
  async openStations(kind: AlertView['kind']): Promise<Set<string>> {
    const rows = await this.#db
      .selectFrom('alerts')
      .select('station')
      .where('closed_at', 'is', null)
      .where('kind', '=', kind)
      .execute();
    return new Set(rows.flatMap(({ station }) => station ?? []));
  }

  /** How many are open, by kind; kinds without any are left out. */
  async countOpen(): Promise<{ kind: AlertView['kind']; count: number }[]> {
    const rows = await this.#db
      .selectFrom('alerts')
      .select(({ fn }) => ['kind', fn.countAll<number>().as('count')])
      .where('closed_at', 'is', null)
      .groupBy('kind')
      .execute();
    return rows.map(({ kind, count }) => ({ kind: kind as AlertView['kind'], count }));
  }
}

function isWorse(alert: NewAlert, open: Selectable<AlertRow>): boolean {
  return alert.severity === 'critical' && open.severity !== 'critical';
}

/** The same, and something behind it: why a camera gives no pictures is known when its program has ended. */
function saysMore(alert: NewAlert, open: Selectable<AlertRow>): boolean {
  return alert.detail.length > open.detail.length && alert.detail.startsWith(open.detail);
}

/** No news, since nothing else is to be done about it. */
async function takeDetail(
  trx: PomonaDatabase,
  { id }: Selectable<AlertRow>,
  { detail }: NewAlert,
): Promise<void> {
  await trx.updateTable('alerts').set({ detail }).where('id', '=', id).execute();
}

/** Whoever had seen to it had seen to something less. */
async function escalate(
  trx: PomonaDatabase,
  open: Selectable<AlertRow>,
  { severity, title, detail, evidence }: NewAlert,
  nowMs: number,
): Promise<AlertNews> {
  const { acknowledgedAt, acknowledgedBy, note, ...was } = viewOf(open);
  const before: AlertBefore = {
    ...{ until: new Date(nowMs).toISOString(), title: was.title, detail: was.detail },
    ...{ acknowledgedAt, acknowledgedBy, note },
  };
  const row = await trx
    .updateTable('alerts')
    .set({ severity, title, detail, evidence: JSON.stringify(evidence), before: JSON.stringify(before) })
    .set({ acknowledged_at: null, acknowledged_by: null, note: null })
    .where('id', '=', open.id)
    .returningAll()
    .executeTakeFirstOrThrow();
  return { event: 'escalated', alert: await told(trx, 'escalated', row, nowMs) };
}

async function told(
  trx: PomonaDatabase,
  event: AlertEvent,
  row: Selectable<AlertRow>,
  nowMs: number,
): Promise<AlertView> {
  const alert = viewOf(row);
  await queueForWebhooks(trx, { event, alert }, nowMs);
  return alert;
}

function openOf(db: PomonaDatabase, kind: string, station: string | null) {
  return db
    .selectFrom('alerts')
    .selectAll()
    .where('kind', '=', kind)
    .where('closed_at', 'is', null)
    .where((eb) => (station === null ? eb('station', 'is', null) : eb('station', '=', station)))
    .execute();
}

function viewOf(row: Selectable<AlertRow>): AlertView {
  return {
    id: row.id,
    kind: row.kind as AlertView['kind'],
    severity: row.severity as AlertView['severity'],
    station: row.station,
    title: row.title,
    detail: row.detail,
    evidence: JSON.parse(row.evidence),
    openedAt: new Date(row.opened_at).toISOString(),
    closedAt: instant(row.closed_at),
    acknowledgedAt: instant(row.acknowledged_at),
    acknowledgedBy: row.acknowledged_by,
    note: row.note,
    ...(row.before === null ? {} : { before: JSON.parse(row.before) as AlertBefore }),
  };
}

function instant(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
