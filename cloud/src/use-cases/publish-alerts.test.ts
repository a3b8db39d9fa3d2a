import type { AlertMessage, StationAddress } from '@pomona/wire';
import { beforeEach, expect, it } from 'vitest';
import { ManualClock } from '../testing/manual-clock.ts';
import { RecordingLogger } from '../testing/recording-logger.ts';
import type { AlertNews } from './alerts.ts';
import { AlertPublisher, waitingMax } from './publish-alerts.ts';

class Link {
  isConnected = true;
  failing: number | undefined;
  readonly sent: { station: string; event: string; id: number; at: string }[] = [];

  async publishAlert({ station }: StationAddress, { event, at, alert }: AlertMessage): Promise<void> {
    await Promise.resolve();
    if (!this.isConnected || alert.id === this.failing) throw new Error('it does not go out');
    this.sent.push({ station, event, id: alert.id, at });
  }
}

let link: Link;
let logger: RecordingLogger;
let publisher: AlertPublisher;
const clock = new ManualClock();

beforeEach(() => {
  link = new Link();
  logger = new RecordingLogger();
  const stations = {
    findMany: async (names: readonly string[]) =>
      names.filter((name) => name !== 'gone').map((station) => ({ site: 's', line: 'l', station })),
  };
  publisher = new AlertPublisher({ link, stations, clock, logger });
});

function news(id: number, station: string | null = 'left', event: AlertNews['event'] = 'raised'): AlertNews {
  const alert = {
    kind: 'drift-camera',
    severity: 'warning',
    station,
    title: '',
    detail: '',
    evidence: {},
  } as const;
  const times = { openedAt: '', closedAt: null, acknowledgedAt: null, acknowledgedBy: null, note: null };
  return { event, alert: { id, ...alert, ...times } };
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 5));
const ids = () => link.sent.map(({ id }) => id);

it('what happens while the broker is away goes out at the next connection, in its order and with its time', async () => {
  publisher.tell(news(1));
  await settle();
  link.isConnected = false;
  const then = new Date(clock.nowMs()).toISOString();
  publisher.tell(news(2));
  publisher.tell(news(2, 'left', 'over'));
  publisher.tell(news(3, 'right'));
  clock.ms += 60_000;
  await settle();
  expect(ids()).toEqual([1]);
  link.isConnected = true;
  publisher.send();
  await settle();
  expect(link.sent.slice(1)).toEqual([
    { station: 'left', event: 'raised', id: 2, at: then },
    { station: 'left', event: 'over', id: 2, at: then },
    { station: 'right', event: 'raised', id: 3, at: then },
  ]);
  publisher.send();
  await settle();
  expect(ids()).toEqual([1, 2, 2, 3]);
});

it('what concerns no station, or one that is gone, holds up nothing', async () => {
  publisher.tell(news(1, null));
  publisher.tell(news(2, 'gone'));
  publisher.tell(news(3));
  await settle();
  expect(ids()).toEqual([3]);
});

it('one that cannot be sent at all is let go, aloud', async () => {
  link.failing = 1;
  publisher.tell(news(1));
  publisher.tell(news(2));
  await settle();
  expect(ids()).toEqual([2]);
  expect(logger.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
});

it('only so many wait, and the oldest are let go', async () => {
  link.isConnected = false;
  for (let id = 1; id <= waitingMax + 2; id++) publisher.tell(news(id));
  link.isConnected = true;
  publisher.send();
  await settle();
  expect(ids()).toEqual(Array.from({ length: waitingMax }, (_, at) => at + 3));
});

it('a stop waits for nothing that the broker would have to answer', async () => {
  link.isConnected = false;
  publisher.tell(news(1));
  await publisher.stop();
  link.isConnected = true;
  publisher.send();
  await settle();
  expect(ids()).toEqual([]);
});
