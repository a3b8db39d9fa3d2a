/** Encoders against stand-ins of gpiomon, a Modbus server and a broker. */
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GpioEncoder, ModbusEncoder } from '@pomona/firmware-config';
import { seededRandom } from '@pomona/wire';
import { Aedes } from 'aedes';
import { ServerTCP } from 'modbus-serial';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort } from '../testing/free-port.ts';
import { openEncoder } from './encoder.ts';
import { gpioEncoder } from './encoder-gpio.ts';
import { systemScheduler } from './system-scheduler.ts';

const patience = { timeout: 10_000, interval: 10 };
let undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const last of undo.reverse()) await last();
  undo = [];
});

function listener() {
  const readings: { mm: number; atMs: number }[] = [];
  const heard = { readings, lost: 0, troubles: [] as string[] };
  const deps = {
    ...{ scheduler: systemScheduler, random: seededRandom(1) },
    onTrouble: (_: string, message: string) => heard.troubles.push(message),
    onReading: (mm: number, atMs: number) => readings.push({ mm, atMs }),
    onLost: () => heard.lost++,
  };
  const mm = (): number[] => readings.map((reading) => reading.mm);
  return { heard, deps, mm };
}

describe('an encoder on pins', () => {
  /** Says those edges, with stamps of `stampS`, once the time in which it may still fail is over; `then` is what it does after. */
  function start(
    config: Omit<GpioEncoder, 'kind' | 'chip'>,
    version: string,
    edges: string,
    then = 'exec sleep 30',
  ) {
    const folder = mkdtempSync(join(tmpdir(), 'encoder-'));
    const command = join(folder, 'gpiomon');
    writeFileSync(
      command,
      `#!/bin/sh
case "$*" in
  *--version*) echo "gpiomon (libgpiod) v${version}" ;;
  *) echo "$*" > ${folder}/asked; sleep 0.4; printf '${edges}'; ${then} ;;
esac
`,
    );
    chmodSync(command, 0o755);
    const { heard, deps, mm } = listener();
    const encoder = gpioEncoder({ kind: 'gpio', chip: 'gpiochip0', ...config }, deps, { command, args: [] });
    undo.push(
      () => rmSync(folder, { recursive: true }),
      () => encoder.stop(),
    );
    return { heard, mm, asked: () => readFileSync(join(folder, 'asked'), 'utf8').trim() };
  }
  const nowS = Math.floor(systemScheduler.monotonicMs() / 1_000);

  it.each([
    ['1.6.3', ' 5000000', '--format=%o %e %s %n --rising-edge --line-buffered gpiochip0 17'],
    ['2.2.1', '.005000000', '--format=%o %e %S --edges=rising --chip gpiochip0 17'],
  ])(
    'counts the pulses of gpiomon %s at the times that the kernel saw them',
    async (version, fraction, asked) => {
      const edges = `17 1 ${nowS}${fraction}\\nnonsense\\n17 1 ${nowS + 1}${fraction}\\n`;
      const { heard, mm, asked: wasAsked } = start({ line: 17, mmPerPulse: 0.5 }, version, edges);
      await expect.poll(mm, patience).toEqual([0, 0.5, 1]);
      expect(heard.readings.slice(1).map(({ atMs }) => atMs)).toEqual([nowS * 1e3 + 5, nowS * 1e3 + 1_005]);
      expect(wasAsked()).toBe(asked);
    },
  );

  it('takes the time of arrival where the stamps are of another clock', async () => {
    const { heard, mm } = start({ line: 17, mmPerPulse: 1 }, '1.6.3', '17 1 1700000000 1\\n');
    await expect.poll(mm, patience).toEqual([0, 1]);
    expect(Math.abs(heard.readings[1]!.atMs - systemScheduler.monotonicMs())).toBeLessThan(5_000);
  });

  it('knows the direction by the second track, and counts an edge that trembles up and down again', async () => {
    const forward = [
      [17, 1],
      [18, 1],
      [17, 2],
      [18, 2],
    ];
    const backward = [
      [18, 1],
      [17, 1],
      [18, 2],
      [17, 2],
    ];
    const trembling = [
      [17, 1],
      [17, 2],
      [17, 1],
      [17, 2],
    ];
    const edges = [...forward, ...forward, ...forward, ...backward, ...trembling];
    const text = edges.map(([line, edge]) => `${line} ${edge} ${nowS}.000000000\\n`).join('');
    const { mm, asked } = start({ line: 17, lineB: 18, mmPerPulse: 2 }, '2.1.3', text);
    await expect.poll(mm, patience).toEqual([0, 2, 4, 6, 4, 6, 4, 6, 4]);
    expect(asked()).toBe('--format=%o %e %S --chip gpiochip0 17 18');
  });

  it('tells when the program ends, and starts it again', async () => {
    const { heard, mm } = start({ line: 17, mmPerPulse: 1 }, '2.2.1', `17 1 ${nowS}.000000000\\n`, 'exit 1');
    await expect.poll(() => heard.readings.length, patience).toBeGreaterThan(3);
    expect(mm().slice(0, 4)).toEqual([0, 1, 1, 2]);
    expect(heard.lost).toBeGreaterThan(0);
    expect(heard.troubles[0]).toBe('the belt counts as standing: gpiochip0: gpiomon ended with code 1');
  });
});

describe('an encoder by Modbus', () => {
  async function startCounter(port: number) {
    const state = { count: 0, isMute: false };
    const server = new ServerTCP(
      {
        getHoldingRegister: async (address: number) => {
          if (state.isMute) await new Promise<never>(() => undefined);
          if (address === 7) return state.count % 65_536;
          if (address === 8) return Math.floor(state.count / 65_536);
          if (address === 9) return state.count % 65_536;
          throw { modbusErrorCode: 2 };
        },
      },
      { host: '127.0.0.1', port, unitID: 3 },
    );
    await new Promise<void>((resolve) => server.on('initialized', () => resolve()));
    undo.push(() => new Promise<void>((resolve) => server.close(() => resolve())));
    return state;
  }
  const config: Omit<ModbusEncoder, 'port'> = {
    ...{ kind: 'modbus', host: '127.0.0.1', unit: 3, table: 'holding' },
    ...{ register: 7, bits: 16, mmPerCount: 0.5 },
  };

  it('goes on counting where the counter starts over, and is lost and back with its device', async () => {
    const port = await freePort();
    const state = await startCounter(port);
    state.count = 65_530;
    const { heard, deps, mm } = listener();
    const encoder = openEncoder({ ...config, port }, deps);
    undo.push(() => encoder.stop());
    await expect.poll(() => mm().at(-1), patience).toBe(0);
    state.count = 65_540;
    await expect.poll(() => mm().at(-1), patience).toBe(5);
    state.count = 65_530;
    await expect.poll(() => mm().at(-1), patience).toBe(0);
    expect(heard.lost).toBe(0);
    state.isMute = true;
    await expect.poll(() => heard.lost, patience).toBeGreaterThan(0);
    expect(heard.troubles[0]).toContain(`the belt counts as standing: 127.0.0.1:${port}`);
    state.isMute = false;
    const before = heard.readings.length;
    await expect.poll(() => heard.readings.length, patience).toBeGreaterThan(before);
  });

  it('reads a counter of two registers', async () => {
    const port = await freePort();
    const state = await startCounter(port);
    state.count = 3 * 65_536 - 1;
    const { deps, mm } = listener();
    const encoder = openEncoder({ ...config, port, register: 8, bits: 32, mmPerCount: -1 }, deps);
    undo.push(() => encoder.stop());
    await expect.poll(() => mm().at(-1), patience).toBeCloseTo(0);
    state.count += 2;
    await expect.poll(() => mm().at(-1), patience).toBe(-2);
  });
});

describe('an encoder by MQTT', () => {
  it('takes numbers as they come, nothing that is retained, and is lost when nobody publishes', async () => {
    const broker = await Aedes.createBroker();
    const server = createServer(broker.handle);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    undo.push(async () => {
      server.close();
      await new Promise<void>((resolve) => broker.close(() => resolve()));
    });
    const publish = (payload: string, retain = false): Promise<void> =>
      new Promise((resolve, reject) =>
        broker.publish(
          { cmd: 'publish', topic: 'line/belt', payload: Buffer.from(payload), qos: 0, dup: false, retain },
          (error) => (error ? reject(error) : resolve()),
        ),
      );
    await publish('99', true);
    const { heard, deps, mm } = listener();
    const url = `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const encoder = openEncoder({ kind: 'mqtt', url, topic: 'line/belt' }, deps);
    undo.push(() => encoder.stop());
    await once(broker, 'subscribe');
    await expect
      .poll(async () => {
        await publish('100.5');
        return mm()[0];
      }, patience)
      .toBe(100.5);
    await publish('a lot');
    await publish('101.25');
    await expect.poll(() => mm().at(-1), patience).toBe(101.25);
    expect(heard.troubles).toEqual(['what line/belt says is no number of millimetres: a lot']);
    expect(mm()).not.toContain(99);
    await expect.poll(() => heard.lost, patience).toBe(1);
    expect(heard.troubles.at(-1)).toBe(
      `the belt counts as standing: ${url}: nothing is published at line/belt`,
    );
  });
});
