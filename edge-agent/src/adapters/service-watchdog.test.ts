import { beforeEach, describe, expect, it } from 'vitest';
import { VirtualTime } from '../testing/virtual-time.ts';
import { ServiceWatchdog } from './service-watchdog.ts';

let time: VirtualTime;
let troubles: string[];
let said: string[];
let isAlive: boolean;
/** What comes of the next words, in their order; after them each is taken. */
let answers: (() => Promise<void>)[];

beforeEach(() => {
  time = new VirtualTime();
  troubles = [];
  said = [];
  isAlive = true;
  answers = [];
});

async function start(environment: NodeJS.ProcessEnv): Promise<ServiceWatchdog> {
  const watchdog = new ServiceWatchdog({
    environment,
    isAlive: () => isAlive,
    scheduler: time,
    notify: async (word) => {
      said.push(word);
      await answers.shift()?.();
    },
    onTrouble: (code) => troubles.push(code),
  });
  watchdog.start();
  await time.advance(0);
  return watchdog;
}

const busy = () => Promise.reject(new Error('the socket is busy'));
const never = () => new Promise<void>(() => undefined);
const service = {
  NOTIFY_SOCKET: '/run/notify',
  WATCHDOG_USEC: '30000000',
  WATCHDOG_PID: String(process.pid),
};

describe('ServiceWatchdog', () => {
  it('says that the service is ready, then twice per interval that it is alive', async () => {
    await start(service);
    expect(said).toEqual(['READY=1']);
    await time.advance(14_999);
    expect(said).toHaveLength(1);
    await time.advance(1);
    expect(said).toEqual(['READY=1', 'WATCHDOG=1']);
    await time.advance(15_000);
    expect(said).toEqual(['READY=1', 'WATCHDOG=1', 'WATCHDOG=1']);
    expect(troubles).toEqual([]);
  });

  it('says that it is ready until that was taken, and not once more', async () => {
    answers = [busy, busy];
    await start({ NOTIFY_SOCKET: '/run/notify' });
    await time.advance(120_000);
    expect(said).toEqual(['READY=1', 'READY=1', 'READY=1']);
    expect(troubles).toEqual(['watchdog-notify', 'watchdog-notify']);
  });

  it('says that it is ready also when the first word of life was in the way', async () => {
    let taken: () => void = () => undefined;
    const slow = new Promise<void>((resolve) => {
      taken = resolve;
    });
    answers = [busy, () => slow];
    await start({ ...service, WATCHDOG_USEC: '1000000' });
    await time.advance(1_500);
    expect(said).toEqual(['READY=1', 'WATCHDOG=1']);
    taken();
    await time.advance(600);
    expect(said.filter((word) => word === 'READY=1')).toHaveLength(2);
  });

  it('says nothing while the worker hangs, and again when it works', async () => {
    await start(service);
    isAlive = false;
    await time.advance(30_000);
    expect(troubles).toEqual(['line-hangs', 'line-hangs']);
    expect(said).toEqual(['READY=1']);
    isAlive = true;
    await time.advance(15_000);
    expect(said).toEqual(['READY=1', 'WATCHDOG=1']);
  });

  it.each([
    ['no service manager', { WATCHDOG_USEC: '30000000' }, []],
    ['a service without a watchdog', { NOTIFY_SOCKET: '/run/notify' }, ['READY=1']],
    ['the watchdog of another process', { ...service, WATCHDOG_PID: '1' }, ['READY=1']],
  ])('feeds nothing for %s', async (_, environment, expected) => {
    await start(environment);
    await time.advance(120_000);
    expect(said).toEqual(expected);
  });

  it('says nothing after it was stopped, whether it was taken to be ready or not', async () => {
    for (const first of [[], [busy]]) {
      answers = first;
      said = [];
      const started = await start(service);
      started.stop();
      await time.advance(120_000);
      expect(said).toEqual(['READY=1']);
    }
  });

  it('says one word at a time to a service manager that does not answer', async () => {
    answers = [never];
    await start(service);
    await time.advance(120_000);
    expect(said).toEqual(['READY=1']);
  });

  it('says that an interval is none, and does not feed at every moment', async () => {
    await start({ ...service, WATCHDOG_USEC: '0' });
    await time.advance(60_000);
    expect(troubles).toEqual(['watchdog-interval']);
    expect(said).toEqual(['READY=1']);
  });
});
