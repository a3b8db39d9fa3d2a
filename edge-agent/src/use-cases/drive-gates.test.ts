import { describe, expect, it } from 'vitest';
import type { GateOutputs, Shot } from '../domain/gate.ts';
import type { GateOutput } from '../domain/gate-schedule.ts';
import { VirtualTime } from '../testing/virtual-time.ts';
import { GateDriver } from './drive-gates.ts';
import type { Scheduler } from './scheduler.ts';

const shot: Shot = {
  boot: '00000000000000aa',
  seq: 0,
  lane: 0,
  gate: 1,
  grade: 'ok',
  at: '2026-01-01T00:00:00.000Z',
  decidedAtMs: 0,
  dueAtMs: 1_000,
  positionMm: 500,
};

function bench(output: Partial<GateOutput> = {}) {
  const time = new VirtualTime();
  const said: string[] = [];
  const troubles: string[] = [];
  const state = {
    ...{ isUp: true, isSensing: true, fails: false },
    up: (): void => undefined,
    left: (_: number): void => undefined,
  };
  const device: GateOutputs = {
    start: (up, left) => {
      state.up = up;
      state.left = left!;
    },
    get isSensing() {
      return state.isSensing;
    },
    get isUp() {
      return state.isUp;
    },
    async set(output, on) {
      said.push(`${time.monotonicMs()} ${output} ${on ? 'on' : 'off'}`);
      if (state.fails) throw new Error('no answer');
    },
    async beat() {
      said.push(`${time.monotonicMs()} beat`);
    },
    async close() {
      said.push('closed');
    },
  };
  const delays: number[] = [];
  const scheduler: Scheduler = {
    nowMs: () => time.nowMs(),
    monotonicMs: () => time.monotonicMs(),
    after(delayMs, run) {
      delays.push(delayMs);
      return time.after(delayMs, run);
    },
  };
  const driver = new GateDriver(
    { outputs: [{ gate: 1, lagMs: 10, pulseMs: 40, ...output }], gateDistanceMm: 300, heartbeatMs: 500 },
    { scheduler, device, onTrouble: (code) => troubles.push(code) },
  );
  return { time, delays, said, troubles, state, driver };
}

describe('GateDriver', () => {
  it('switches at the moments of the schedule', async () => {
    const { time, said, driver } = bench();
    driver.start();
    driver.shoot(shot);
    await time.advance(2_000);
    expect(said).toEqual(['970 0 on', '1010 0 off']);
    expect(driver.state()).toMatchObject({ connected: true, fired: 1, merged: 0, late: 0, failed: 0 });
  });

  it('sets no timer for longer than timers can run, and switches in time all the same', async () => {
    const { time, delays, said, driver } = bench();
    driver.start();
    driver.shoot({ ...shot, dueAtMs: 200_000 });
    await time.advance(201_000);
    expect(said).toEqual(['199970 0 on', '200010 0 off']);
    driver.shoot({ ...shot, dueAtMs: 1e12 });
    await time.advance(1_000);
    expect(Math.max(...delays)).toBeLessThan(2 ** 31);
  });

  it('beats only while it hears that fruit can be seen', async () => {
    const { time, said, driver } = bench();
    driver.start();
    await time.advance(1_000);
    expect(said).toEqual([]);
    driver.sees();
    await time.advance(10_000);
    expect(said.map((line) => Number.parseInt(line, 10))).toEqual([1500, 2000, 2500, 3000, 3500, 4000]);
  });

  it('beats at once when the device is there, if fruit can be seen', async () => {
    const { time, said, state, driver } = bench();
    driver.start();
    await time.advance(100);
    state.up();
    driver.sees();
    await time.advance(100);
    state.up();
    await time.advance(1);
    expect(said).toEqual(['200 beat']);
  });

  it('counts what the device does not take, and closes that outlet again until it is taken', async () => {
    const { time, said, troubles, state, driver } = bench();
    driver.start();
    driver.shoot(shot);
    await time.advance(1_000);
    state.fails = true;
    await time.advance(1_100);
    state.fails = false;
    await time.advance(1_000);
    expect(said).toEqual(['970 0 on', '1010 0 off', '1500 0 off', '2000 0 off', '2500 0 off']);
    expect(driver.state()).toMatchObject({ fired: 1, failed: 1 });
    expect(new Set(troubles)).toEqual(new Set(['gate']));
  });

  it('tries nothing while the device is away, which closes all outlets itself when it is back', async () => {
    const { time, said, state, driver } = bench();
    driver.start();
    driver.shoot(shot);
    state.fails = true;
    await time.advance(1_100);
    state.isUp = false;
    await time.advance(5_000);
    expect(driver.state()).toMatchObject({ connected: false, failed: 2 });
    state.isUp = true;
    state.up();
    await time.advance(5_000);
    expect(said).toEqual(['970 0 on', '1010 0 off']);
  });

  it('closes the device once, and does nothing after', async () => {
    const { time, said, driver } = bench();
    driver.start();
    driver.shoot(shot);
    await driver.stop();
    await driver.stop();
    await time.advance(5_000);
    expect(said).toEqual(['closed']);
  });

  it('counts the shots whose fruit a sensor saw leave, and those whose it did not', async () => {
    const { time, state, driver } = bench({ confirm: { withinMs: 200 } });
    driver.start();
    driver.shoot(shot);
    await time.advance(1_020);
    state.left(0);
    driver.shoot({ ...shot, dueAtMs: 2_000 });
    await time.advance(1_300);
    expect(driver.state()).toMatchObject({ confirmed: 1, unconfirmed: 1, unconfirmedInARow: 1 });
  });

  it('misses no fruit for a command that failed, nor while the sensor cannot be asked', async () => {
    const { time, state, driver } = bench({ confirm: { withinMs: 200 } });
    driver.start();
    state.fails = true;
    driver.shoot(shot);
    await time.advance(1_500);
    state.fails = false;
    state.isSensing = false;
    driver.shoot({ ...shot, dueAtMs: 2_000 });
    await time.advance(600);
    driver.state();
    state.isSensing = true;
    await time.advance(1_000);
    expect(driver.state()).toMatchObject({ confirmed: 0, unconfirmed: 0, failed: 2 });
  });
});
