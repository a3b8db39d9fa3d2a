import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WebhookBody } from '@pomona/wire';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSealer } from '../adapters/secret-sealer.ts';
import { openDatabase, type PomonaDatabase } from '../adapters/sql/open-database.ts';
import { SqlAlertStore } from '../adapters/sql/sql-alert-store.ts';
import { SqlWebhookStore } from '../adapters/sql/sql-webhook-store.ts';
import { databases } from '../testing/databases.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { RecordingLogger } from '../testing/recording-logger.ts';
import { eventually } from '../testing/test-control-plane.ts';
import { type Sealer, Webhooks } from './webhooks.ts';

const dead = 'https://dead.example/hook';
const well = 'https://well.example/hook';

describe.each(databases)('webhooks, kept in $name', (database) => {
  let folder: string;
  let db: PomonaDatabase;
  let sealer: Sealer;
  let webhooks: Webhooks;
  let logger: RecordingLogger;
  const clock = new ManualClock();
  /** Alerts that were told, by URL. */
  let told: Map<string, string[]>;
  /** Calls of the dead one that hang. */
  let hanging: ((status: number) => void)[];
  let signatures: string[];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pomona-chains-'));
    db = await openDatabase(folder, await database.options());
    sealer = await openSealer(join(folder, 'webhooks.key'));
    logger = new RecordingLogger();
    told = new Map();
    hanging = [];
    signatures = [];
    webhooks = open();
  });
  afterEach(async () => {
    await webhooks.stop();
    await db.destroy();
    rmSync(folder, { recursive: true });
  });

  function open(): Webhooks {
    return new Webhooks({
      ...{ store: new SqlWebhookStore(db), sealer, clock, logger, retryMs: [1_000] },
      sender: {
        check: () => undefined,
        async post(url, headers, body, signal) {
          signatures.push(headers['x-pomona-signature']!);
          const { alert } = JSON.parse(body) as WebhookBody;
          told.set(url, [...(told.get(url) ?? []), alert?.station ?? '']);
          if (url !== dead) return 200;
          return new Promise((resolve, reject) => {
            hanging.push(resolve);
            signal.addEventListener('abort', () => reject(signal.reason as Error));
          });
        },
      },
    });
  }

  async function raise(station: string): Promise<void> {
    const texts = { title: 'Dark', detail: 'Clean the lens.', evidence: {} };
    const alert = { kind: 'drift-camera', severity: 'warning', station, ...texts } as const;
    await new SqlAlertStore(db).open(alert, clock.nowMs());
  }

  it('are told of what comes while another hangs, however much it is still to be told', async () => {
    await webhooks.add(dead, 'ada');
    for (let i = 0; i < 30; i++) await raise(`old-${i}`);
    await webhooks.add(well, 'ada');
    await webhooks.start();
    await eventually(() => hanging.length === 1);
    await raise('first');
    webhooks.wake();
    await eventually(() => told.get(well)?.length === 1);
    await raise('second');
    webhooks.wake();
    await eventually(() => told.get(well)?.length === 2);
    expect(told.get(well)).toEqual(['first', 'second']);
    // One call at a time: the chain of the dead one is one call long.
    expect(told.get(dead)).toEqual(['old-0']);
    hanging[0]!(200);
    await eventually(() => hanging.length === 2);
    expect(told.get(dead)).toEqual(['old-0', 'old-1']);
  });

  it('are told in the order of what happened, and a removed one hears no more of it', async () => {
    const { id } = await webhooks.add(dead, 'ada');
    for (const station of ['one', 'two', 'three']) await raise(station);
    await webhooks.start();
    await eventually(() => hanging.length === 1);
    hanging[0]!(200);
    await eventually(() => hanging.length === 2);
    await webhooks.remove(id, 'ada');
    hanging[1]!(200);
    await webhooks.stop();
    expect(told.get(dead)).toEqual(['one', 'two']);
  });

  it('have their secrets sealed, those of before as well, and what they are signed with stays', async () => {
    const { secret } = await webhooks.add(well, 'ada');
    const stored = async () => (await new SqlWebhookStore(db).secrets())[0]!.secret;
    expect(await stored()).not.toContain(secret);
    await db.updateTable('webhooks').set({ secret }).execute();
    await webhooks.start();
    expect(await stored()).not.toContain(secret);
    expect(sealer.open(await stored(), well)).toBe(secret);
    await webhooks.test(1);
    await webhooks.test(1);
    expect(signatures).toHaveLength(2);
    sealer = await openSealer(join(folder, 'another.key'));
    await webhooks.stop();
    webhooks = open();
    expect((await webhooks.test(1)).last).toMatchObject({
      ...{ state: 'failed', status: null, error: expect.stringMatching(/another key/) },
    });
  });
});
