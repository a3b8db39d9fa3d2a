import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateSigningKey, signDesired } from '@pomona/release';
import type { Gate, ModelView } from '@pomona/wire';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase, type PomonaDatabase } from '../adapters/sql/open-database.ts';
import { openStores } from '../adapters/sql/open-stores.ts';
import { databases } from '../testing/databases.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { MemoryLink } from '../testing/memory-link.ts';
import { RecordingLogger } from '../testing/recording-logger.ts';
import { changeAlias } from './change-alias.ts';
import { type OrderPorts, orderStation } from './order-station.ts';
import { setDesired } from './set-desired.ts';

const gate = (name: string, verdict: Gate['verdict']): Gate => ({
  ...{ name, verdict, figure: 0.5, limit: 0.9, comparison: '>=', detail: '' },
});
const passed = [gate('macro-f1', 'passed'), gate('ece', 'insufficient-data')];
const failed = [gate('macro-f1', 'failed'), gate('ece', 'passed'), gate('recall-bad', 'failed')];
const versions = new Map<number, ModelView['gates']>([
  [1, failed],
  [2, passed],
  [3, failed],
  [4, undefined],
]);
const operator = { name: 'olga', isAdmin: false };
const admin = { name: 'ada', isAdmin: true };
const refusal = { code: 'gate-failed', message: expect.stringContaining('macro-f1, recall-bad') };

describe.each(databases)('what a person has a station run, on $name', (database) => {
  let folder: string;
  let db: PomonaDatabase;
  let stores: ReturnType<typeof openStores>;
  let ports: OrderPorts;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pomona-order-'));
    db = await openDatabase(folder, { ...(await database.options()), busyTimeoutMs: 5_000 });
    stores = openStores(db);
    for (const station of ['left', 'right'])
      await stores.stations.ensure({ site: 'orchard', line: 'one', station }, 0);
    for (const [version, gates] of versions)
      await stores.models.save({
        ...{
          name: 'apples',
          version,
          digest: String(version).repeat(64),
          network: 'compact',
          parameters: {},
        },
        ...{ labels: ['good', 'ok', 'bad'], createdAt: '2026-01-01T00:00:00.000Z' },
        ...(gates === undefined ? {} : { gates }),
      } as ModelView);
    const key = generateSigningKey();
    ports = {
      ...stores,
      isWaiting: async () => false,
      signer: { sign: (desired) => signDesired(desired, key) },
      link: new MemoryLink(),
      clock: new ManualClock(),
      logger: new RecordingLogger(),
    };
  });
  afterEach(async () => {
    await db.destroy();
    rmSync(folder, { recursive: true });
  });

  const release = (version: number) => ({ release: { name: 'apples', version } });
  const inHurry = { override: true, reason: 'harvest cannot wait' };

  it('stops at a failed gate, and at one that nobody judged, for whoever is no admin or does not say so', async () => {
    const refused = { ...release(3), ...inHurry };
    await expect(orderStation(ports, 'left', release(3), admin)).rejects.toMatchObject(refusal);
    await expect(orderStation(ports, 'left', refused, operator)).rejects.toMatchObject(refusal);
    await expect(orderStation(ports, 'left', release(4), operator)).rejects.toMatchObject({
      message: expect.stringContaining('never held against gates'),
    });
    const silent = { ...release(3), override: true };
    await expect(orderStation(ports, 'left', silent, admin)).rejects.toMatchObject({ code: 'bad-request' });
    expect(await stores.desired.list()).toEqual([]);
    expect(await stores.models.log('apples')).toEqual([]);
    expect((await orderStation(ports, 'left', release(2), operator)).release?.version).toBe(2);
    expect(await stores.models.log('apples')).toEqual([]);
  });

  it('is what an admin overrides with a reason, which the log of the model keeps', async () => {
    await orderStation(ports, 'left', { ...release(3), ...inHurry }, admin);
    expect(await stores.models.log('apples')).toMatchObject([
      {
        ...{ actor: 'ada', action: 'left = 3', reason: 'harvest cannot wait' },
        detail: 'gates overridden, failed: macro-f1, recall-bad',
      },
    ]);
    const [order] = await stores.desired.history((await stores.stations.find('left'))!.id);
    expect(order).toMatchObject({ actor: 'ada', reason: 'harvest cannot wait' });
  });

  it('may be what it runs, and what it ran before that, but not forward again to what was taken back', async () => {
    for (const version of [1, 2, 3, 2]) await setDesired(ports, 'left', release(version));
    const tryIt = (version: number) => orderStation(ports, 'left', release(version), operator);
    await expect(tryIt(3)).rejects.toMatchObject(refusal);
    expect((await tryIt(1)).release?.version).toBe(1);
    expect((await orderStation(ports, 'left', { ...release(1), retry: true }, operator)).retry).toBe(true);
    await orderStation(ports, 'left', { release: null }, operator);
    expect((await tryIt(1)).release?.version).toBe(1);
    await expect(orderStation(ports, 'right', release(1), operator)).rejects.toMatchObject(refusal);
    expect(await stores.models.log('apples')).toEqual([]);
  });

  it('may be the champion: an admin let that pass', async () => {
    const champion = { name: 'apples', alias: 'champion' };
    await changeAlias({ ...stores, clock: ports.clock }, champion, { version: 3, ...inHurry }, admin);
    expect((await orderStation(ports, 'right', release(3), operator)).release?.version).toBe(3);
  });
});
