import type { ModbusGate } from '@pomona/firmware-config';
import { seededRandom } from '@pomona/wire';
import { ServerTCP } from 'modbus-serial';
import { afterEach, describe, expect, it } from 'vitest';
import type { Shot } from '../domain/gate.ts';
import { freePort } from '../testing/free-port.ts';
import { modbusGates } from './gate-modbus.ts';
import { openGateThread } from './gate-thread.ts';
import { inTime } from './in-time.ts';
import { systemScheduler } from './system-scheduler.ts';

const patience = { timeout: 10_000, interval: 5 };
let undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const last of undo.reverse()) await last();
  undo = [];
});

/** A device with coils 0 to 9 that remembers what was written. */
async function startDevice(at?: number) {
  const port = at ?? (await freePort());
  const written: string[] = [];
  const state = { isMute: false, inputs: new Set<number>() };
  const take = (line: string): Promise<void> => {
    written.push(line);
    return state.isMute ? new Promise<never>(() => undefined) : Promise.resolve();
  };
  const server = new ServerTCP(
    {
      setCoil: async (address: number, value: boolean) => {
        if (address > 9) throw { modbusErrorCode: 2 };
        await take(`coil ${address} ${value ? 'on' : 'off'}`);
      },
      getDiscreteInput: async (address: number) => {
        if (address > 9) throw { modbusErrorCode: 2 };
        return state.inputs.has(address);
      },
      setRegister: (address: number, value: number) => {
        if (address > 99) throw { modbusErrorCode: 2 };
        return take(`register ${address} ${value}`);
      },
    },
    { host: '127.0.0.1', port, unitID: 3 },
  );
  await new Promise<void>((resolve) => server.on('initialized', () => resolve()));
  const stop = (): Promise<void> => new Promise((resolve) => server.close(() => resolve()));
  return { port, written, state, stop };
}

function configOf(port: number, coil = 7): ModbusGate {
  return {
    kind: 'modbus',
    host: '127.0.0.1',
    port,
    unit: 3,
    heartbeatRegister: 40,
    outputs: [{ gate: 1, lagMs: 20, pulseMs: 40, coil }],
    heartbeatMs: 100,
  };
}

function gatesOf(config: ModbusGate) {
  const troubles: string[] = [];
  const gates = modbusGates(config, {
    scheduler: systemScheduler,
    random: seededRandom(1),
    onTrouble: (_, message) => troubles.push(message),
  });
  undo.push(() => gates.close().catch(() => undefined));
  return { gates, troubles };
}

describe('gates by Modbus', () => {
  it('closes its coils, switches them, and counts a register up', async () => {
    const device = await startDevice();
    undo.push(device.stop);
    const { gates } = gatesOf(configOf(device.port));
    await new Promise<void>((resolve) => gates.start(resolve));
    await gates.set(0, true);
    await gates.beat();
    await gates.beat();
    await gates.close();
    expect(device.written).toEqual([
      'coil 7 off',
      'coil 7 on',
      'register 40 1',
      'register 40 2',
      'coil 7 off',
    ]);
  });

  it('says what is wrong with a coil that the device does not have', async () => {
    const device = await startDevice();
    undo.push(device.stop);
    const { gates, troubles } = gatesOf(configOf(device.port, 50));
    gates.start(() => undefined);
    await expect
      .poll(() => troubles[0], patience)
      .toMatch(/^no outlet can be opened: 127\.0\.0\.1:\d+ refuses coil 50: .*[Ii]llegal data address/);
    expect(gates.isUp).toBe(false);
  });

  it('goes on switching when the device has no such register for the heartbeat, and says which', async () => {
    const device = await startDevice();
    undo.push(device.stop);
    const { gates, troubles } = gatesOf({ ...configOf(device.port), heartbeatRegister: 200 });
    let ups = 0;
    gates.start(() => ups++);
    await expect.poll(() => ups, patience).toBe(1);
    await expect(gates.beat()).rejects.toThrow(/refuses the heartbeat’s register 200: .*[Ii]llegal/);
    await gates.set(0, true);
    expect([gates.isUp, ups, troubles, device.written.at(-1)]).toEqual([true, 1, [], 'coil 7 on']);
  });

  it('connects anew after an answer that did not come', async () => {
    const device = await startDevice();
    undo.push(device.stop);
    const { gates, troubles } = gatesOf(configOf(device.port));
    let ups = 0;
    gates.start(() => ups++);
    await expect.poll(() => ups, patience).toBe(1);
    device.state.isMute = true;
    const silent = `127.0.0.1:${device.port} did not answer within 500 ms`;
    await expect(gates.set(0, true)).rejects.toThrow(silent);
    expect(troubles).toEqual([`no outlet can be opened: ${silent}`]);
    expect(gates.isUp).toBe(false);
    device.state.isMute = false;
    await expect.poll(() => ups, patience).toBe(2);
    expect(device.written.at(-1)).toBe('coil 7 off');
  });

  it('says with its state why no outlet can be opened, as long as that is so', async () => {
    const config = configOf(await freePort());
    const told: string[] = [];
    const gate = openGateThread(
      { config, gateDistanceMm: 300 },
      (_code, message) => told.push(message),
      new URL('../../dist/gate-worker.js', import.meta.url),
    );
    await expect.poll(() => gate.state()?.why, patience).toMatch(/^no outlet can be opened: .*ECONNREFUSED/);
    expect(gate.state()).toMatchObject({ connected: false, why: told.at(-1) });
    const device = await startDevice(config.port);
    undo.push(device.stop);
    await expect.poll(() => gate.state()?.connected, patience).toBe(true);
    expect(gate.state()).not.toHaveProperty('why');
    await gate.close();
  });
});

describe('inTime', () => {
  it('fails with an error that has the words of what failed, whatever kind of thing that is', async () => {
    // As modbus-serial does.
    const timedOut = Promise.reject({ name: 'TransactionTimedOutError', message: 'Timed out' });
    await expect(inTime(timedOut, 1_000, 'the device')).rejects.toThrow(new Error('Timed out'));
    await expect(inTime(Promise.reject('away'), 1_000, 'the device')).rejects.toThrow(new Error('away'));
  });
});

describe('sensors by Modbus', () => {
  const withSensor = (port: number, input: number): ModbusGate => {
    const config = configOf(port);
    return { ...config, outputs: [{ ...config.outputs[0]!, confirm: { withinMs: 300, input } }] };
  };

  it('see a fruit each time that their input goes on, but not what was on before', async () => {
    const device = await startDevice();
    undo.push(device.stop);
    device.state.inputs.add(4);
    const { gates } = gatesOf(withSensor(device.port, 4));
    const left: number[] = [];
    gates.start(
      () => undefined,
      (output) => left.push(output),
    );
    await expect.poll(() => gates.isSensing, patience).toBe(true);
    const poll = () => new Promise((resolve) => setTimeout(resolve, 60));
    for (let i = 0; i < 2; i++) {
      device.state.inputs.delete(4);
      await poll();
      device.state.inputs.add(4);
      await expect.poll(() => left.length, patience).toBe(i + 1);
    }
    expect(left).toEqual([0, 0]);
  });

  it('leave the outlets alone when the device does not have their input', async () => {
    const device = await startDevice();
    undo.push(device.stop);
    const { gates, troubles } = gatesOf(withSensor(device.port, 44));
    gates.start(() => undefined);
    await expect.poll(() => troubles[0], patience).toMatch(/no shot is confirmed: .* input 44: .*[Ii]llegal/);
    await gates.set(0, true);
    expect([gates.isUp, gates.isSensing, device.written.at(-1)]).toEqual([true, false, 'coil 7 on']);
  });
});

const shot: Shot = {
  boot: '00000000000000aa',
  seq: 1,
  lane: 0,
  gate: 1,
  grade: 'ok',
  at: '2026-01-01T00:00:00.000Z',
  decidedAtMs: 0,
  dueAtMs: 0,
  positionMm: 0,
};

describe('the thread of the outlets', () => {
  it('opens the outlet when the fruit is there, tells of it, and closes all at the end', async () => {
    const device = await startDevice();
    undo.push(device.stop);
    const gate = openGateThread(
      { config: configOf(device.port), gateDistanceMm: 300 },
      () => undefined,
      new URL('../../dist/gate-worker.js', import.meta.url),
    );
    await expect.poll(() => device.written, { timeout: 25_000, interval: 5 }).toEqual(['coil 7 off']);
    gate.sees();
    // On a busy machine a timer may come so late that its shot is rightly withheld: the next fruit has another chance.
    for (let seq = 1; gate.state()?.fired !== 1 && seq <= 50; seq++) {
      const nowMs = systemScheduler.monotonicMs();
      for (let i = 0; i < 5; i++) gate.observe(i * 10, nowMs - 80 + i * 20);
      gate.shoot({ ...shot, seq, decidedAtMs: nowMs, dueAtMs: nowMs + 200, positionMm: 140 });
      const given = () => gate.state()!.fired + gate.state()!.late;
      await expect.poll(given, patience).toBe(seq);
    }
    const coils = device.written.filter((line) => line.startsWith('coil'));
    expect(coils.slice(0, 3)).toEqual(['coil 7 off', 'coil 7 on', 'coil 7 off']);
    expect(device.written).toContain('register 40 1');
    await gate.close();
    expect(device.written.at(-1)).toBe('coil 7 off');
  });
});
