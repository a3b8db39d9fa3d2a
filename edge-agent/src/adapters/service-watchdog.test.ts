import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VirtualTime } from '../testing/virtual-time.ts';
import { ServiceWatchdog } from './service-watchdog.ts';

let folder = '';
let time: VirtualTime;
let troubles: string[];
let isAlive: boolean;
let watchdog: ServiceWatchdog | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pomona-watchdog-'));
  time = new VirtualTime();
  troubles = [];
  isAlive = true;
});
afterEach(() => {
  watchdog?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A stand-in `systemd-notify` that writes down how it was called. */
function installNotify(code = 0): void {
  const script = `#!/bin/sh\necho "$#:$*@$NOTIFY_SOCKET" >> '${folder}/said'\nexit ${code}\n`;
  writeFileSync(join(folder, 'systemd-notify'), script, { mode: 0o755 });
}

function start(environment: NodeJS.ProcessEnv): ServiceWatchdog {
  watchdog = new ServiceWatchdog({
    environment: { PATH: folder, ...environment },
    isAlive: () => isAlive,
    scheduler: time,
    onTrouble: (code) => troubles.push(code),
  });
  watchdog.start();
  return watchdog;
}

function said(): string[] {
  const file = join(folder, 'said');
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
}

async function saidUntil(count: number): Promise<string[]> {
  await expect.poll(() => said().length, { timeout: 10_000, interval: 10 }).toBe(count);
  // The program has written before we hear that it ended.
  await new Promise((resolve) => setTimeout(resolve, 50));
  return said();
}

const service = { NOTIFY_SOCKET: '/run/notify', WATCHDOG_USEC: '30000000' };

describe('ServiceWatchdog', () => {
  it('says that the service is ready, then twice per interval that it is alive', async () => {
    installNotify();
    start(service);
    expect(await saidUntil(1)).toEqual(['1:READY=1@/run/notify']);
    await time.advance(14_999);
    expect(said()).toHaveLength(1);
    await time.advance(1);
    expect((await saidUntil(2))[1]).toBe('1:WATCHDOG=1@/run/notify');
    await time.advance(15_000);
    expect((await saidUntil(3))[2]).toBe('1:WATCHDOG=1@/run/notify');
    expect(troubles).toEqual([]);
  });

  it('says nothing while the worker hangs, and again when it works', async () => {
    installNotify();
    start(service);
    await saidUntil(1);
    isAlive = false;
    await time.advance(30_000);
    expect(troubles).toEqual(['line-hangs', 'line-hangs']);
    expect(said()).toHaveLength(1);
    isAlive = true;
    await time.advance(15_000);
    expect((await saidUntil(2))[1]).toMatch(/WATCHDOG=1/);
  });

  it.each([
    ['no service manager', { WATCHDOG_USEC: '30000000' }, 0],
    ['a service without a watchdog', { NOTIFY_SOCKET: '/run/notify' }, 1],
    ['the watchdog of another process', { ...service, WATCHDOG_PID: '1' }, 1],
  ])('feeds nothing for %s', async (_, environment, count) => {
    installNotify();
    start(environment);
    await saidUntil(count);
    await time.advance(120_000);
    expect(await saidUntil(count)).toHaveLength(count);
  });

  it('feeds nothing after it was stopped', async () => {
    installNotify();
    const started = start(service);
    await saidUntil(1);
    started.stop();
    await time.advance(120_000);
    expect(await saidUntil(1)).toHaveLength(1);
  });

  it.each([
    ['is not installed', () => undefined],
    ['fails', () => installNotify(1)],
  ])('says that systemd-notify %s', async (_, install) => {
    install();
    start(service);
    await expect.poll(() => troubles, { timeout: 10_000, interval: 10 }).toEqual(['watchdog-notify']);
  });

  it('says that an interval is none, and does not feed at every moment', async () => {
    installNotify();
    start({ ...service, WATCHDOG_USEC: '0' });
    await saidUntil(1);
    await time.advance(60_000);
    expect(troubles).toEqual(['watchdog-interval']);
    expect(await saidUntil(1)).toHaveLength(1);
  });
});
