import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { checkStationConfig, type MqttGate } from '@pomona/firmware-config';
import { seededRandom } from '@pomona/wire';
import { Aedes } from 'aedes';
import { connectAsync } from 'mqtt';
import { afterEach, describe, expect, it } from 'vitest';
import { OutletReceiver } from '../testing/outlet-receiver.ts';
import type { Scheduler } from '../use-cases/scheduler.ts';
import { mqttGates } from './gate-mqtt.ts';
import { systemScheduler } from './system-scheduler.ts';

const patience = { timeout: 10_000, interval: 10 };
let undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const last of undo.reverse()) await last();
  undo = [];
});

async function startBroker(
  port = 0,
): Promise<{ broker: Aedes; server: Server; port: number; heard: string[]; stop: () => Promise<void> }> {
  const broker = await Aedes.createBroker();
  const heard: string[] = [];
  broker.on('publish', ({ topic, payload }) => {
    if (!topic.startsWith('$')) heard.push(`${topic} ${payload.toString()}`);
  });
  const server = createServer(broker.handle);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const stop = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    await new Promise<void>((resolve) => broker.close(() => resolve()));
    await closed;
  };
  return { broker, server, port: (server.address() as { port: number }).port, heard, stop };
}

/** What is sent goes through `send`, by the number of its connection. */
async function startProxy(brokerPort: number, send: (by: number, go: () => void, data?: Buffer) => void) {
  const open = new Map<number, Socket>();
  let count = 0;
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const by = ++count;
    const onward = connect(brokerPort, '127.0.0.1');
    open.set(by, socket);
    socket.on('data', (data) => send(by, () => void onward.write(data), data));
    socket.on('close', () => {
      open.delete(by);
      send(by, () => void onward.destroy());
    });
    onward.on('data', (data) => void (socket.writable && socket.write(data)));
    onward.on('close', () => socket.destroy());
    for (const each of [socket, onward]) each.on('error', () => each.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  undo.push(() => {
    for (const socket of open.values()) socket.destroy();
    server.close();
  });
  return { port: (server.address() as { port: number }).port, open };
}

function configOf(port: number): MqttGate {
  return checkStationConfig(
    {
      v: 1,
      site: 'a',
      line: 'b',
      station: 'c',
      dataDir: '/d',
      camera: { kind: 'replay', folder: '/f' },
      gate: {
        kind: 'mqtt',
        url: `mqtt://127.0.0.1:${port}`,
        topic: 'line/gates',
        qos: 1,
        outputs: [{ gate: 1 }, { gate: 2, lane: 0, pulseMs: 60 }],
      },
    },
    'test',
  ).gate as MqttGate;
}

function gatesAt(port: number, answerMs?: number) {
  return gatesOf(configOf(port), answerMs);
}

function gatesOf(config: MqttGate, answerMs?: number, scheduler: Scheduler = systemScheduler) {
  const troubles: string[] = [];
  const deps = {
    scheduler,
    random: seededRandom(1),
    onTrouble: (_: string, message: string) => void troubles.push(message),
  };
  const gates = mqttGates(config, deps, answerMs);
  undo.push(() => gates.close().catch(() => undefined));
  return { gates, troubles };
}

describe('gates by MQTT', () => {
  it('closes all outlets, says that it is there, switches, beats, and says goodbye', async () => {
    const broker = await startBroker();
    undo.push(broker.stop);
    const { gates } = gatesAt(broker.port);
    await new Promise<void>((resolve) => gates.start(resolve));
    await gates.set(1, true);
    await gates.set(1, false);
    await gates.beat();
    await gates.close();
    // Aedes acknowledges before it delivers; the will says the same once more.
    await expect.poll(() => broker.heard, patience).toContain('line/gates/state offline');
    const heard = broker.heard.slice(0, 10);
    expect(heard.map((line) => line.replace(/(heartbeat |sentMs":)\d+/, '$1…'))).toEqual([
      'line/gates/gate/1 {"on":false}',
      'line/gates/gate/2/lane/0 {"on":false}',
      'line/gates/state online',
      'line/gates/heartbeat …',
      'line/gates/gate/2/lane/0 {"on":true,"pulseMs":60,"sentMs":…,"validForMs":30}',
      'line/gates/gate/2/lane/0 {"on":false}',
      'line/gates/heartbeat …',
      'line/gates/gate/1 {"on":false}',
      'line/gates/gate/2/lane/0 {"on":false}',
      'line/gates/state offline',
    ]);
  });

  it('hears from a sensor that a fruit left by its output, but not what was said before', async () => {
    const broker = await startBroker();
    undo.push(broker.stop);
    const said = (topic: string, retain: boolean) =>
      new Promise<void>((resolve) =>
        broker.broker.publish(
          { cmd: 'publish', dup: false, qos: 0, retain, topic, payload: Buffer.from('1') },
          () => resolve(),
        ),
      );
    await said('line/gates/gate/1/left', true);
    const config = configOf(broker.port);
    const outputs = config.outputs.map((output) => ({ ...output, confirm: { withinMs: 300 } }));
    const { gates } = gatesOf({ ...config, outputs });
    const left: number[] = [];
    const up = new Promise<void>((resolve) => gates.start(resolve, (output) => left.push(output)));
    await up;
    expect(gates.isSensing).toBe(true);
    for (const topic of ['gate/2/lane/0/left', 'gate/2/left', 'gate/1/left'])
      await said(`line/gates/${topic}`, false);
    await expect.poll(() => left, patience).toEqual([1, 0]);
  });

  it('gives nothing later that it could not give at once, and is back when the broker is', async () => {
    const first = await startBroker();
    const { gates, troubles } = gatesAt(first.port);
    let ups = 0;
    gates.start(() => ups++);
    await expect.poll(() => ups, patience).toBe(1);
    await first.stop();
    await expect.poll(() => gates.isUp, patience).toBe(false);
    await expect(gates.set(0, true)).rejects.toMatchObject({ code: 'gate-away' });
    expect(troubles[0]).toContain('no outlet can be opened: mqtt://127.0.0.1');
    const second = await startBroker(first.port);
    undo.push(second.stop);
    await expect.poll(() => ups, patience).toBe(2);
    expect(second.heard.filter((line) => line.includes('true'))).toEqual([]);
  });

  it('connects anew, and leaves its will, when the broker does not take a command in time', async () => {
    const { broker, port, heard, stop } = await startBroker();
    undo.push(stop);
    const { gates, troubles } = gatesAt(port, 100);
    let ups = 0;
    gates.start(() => ups++);
    await expect.poll(() => ups, patience).toBe(1);
    const { authorizePublish } = broker;
    // No answer, as over a cable that was pulled.
    broker.authorizePublish = (client, packet, done) => {
      if (!packet.payload.includes('true')) authorizePublish(client, packet, done);
    };
    await expect(gates.set(0, true)).rejects.toMatchObject({ code: 'gate-silent' });
    expect(gates.isUp).toBe(false);
    expect(troubles).toEqual([expect.stringContaining('did not answer within 100 ms')]);
    await expect.poll(() => heard, patience).toContain('line/gates/state offline');
    await expect.poll(() => ups, patience).toBe(2);
    expect(heard.filter((line) => line.includes('true'))).toEqual([]);
  });

  it.each([0, 1] as const)(
    'is one connection after another was lost under a command, at QoS %i',
    async (qos) => {
      const { broker, port, stop } = await startBroker();
      undo.push(stop);
      const proxy = await startProxy(port, (by, go, data) => {
        if (data?.includes('"on":true')) proxy.open.get(by)?.resetAndDestroy();
        else go();
      });
      const config = configOf(proxy.port);
      const outputs = config.outputs.map((output) => ({ ...output, confirm: { withinMs: 300 } }));
      const { gates, troubles } = gatesOf({ ...config, qos, outputs });
      let ups = 0;
      const left: number[] = [];
      gates.start(
        () => ups++,
        (output) => left.push(output),
      );
      await expect.poll(() => ups, patience).toBe(1);
      const failed = await gates.set(0, true).catch((error: Error) => error);
      expect(failed).toBeInstanceOf(Error);
      // It failed by the loss, not for want of an answer.
      expect(String(failed)).not.toContain('did not answer');
      await expect.poll(() => ups, patience).toBe(2);
      // Longer than an answer is waited for: nothing of the first connection may end the second.
      await pause(1_000);
      expect([gates.isUp, ups, proxy.open.size, troubles.length]).toEqual([true, 2, 1, 1]);
      await new Promise<void>((resolve) =>
        broker.publish(
          {
            ...{ cmd: 'publish', dup: false, qos: 0, retain: false },
            ...{ topic: 'line/gates/gate/1/left', payload: Buffer.from('1') },
          },
          () => resolve(),
        ),
      );
      await expect.poll(() => left, patience).toEqual([0]);
      await gates.close();
      await expect.poll(() => proxy.open.size, patience).toBe(0);
    },
  );

  it.each([0, 1] as const)(
    'contradicts a will that comes after its next connection, at QoS %i',
    async (qos) => {
      const { heard, port, stop } = await startBroker();
      undo.push(stop);
      let frozen = false;
      const held: (() => void)[] = [];
      const proxy = await startProxy(port, (by, go) => {
        if (frozen && by === 1) held.push(go);
        else go();
      });
      const device = await connectAsync(`mqtt://127.0.0.1:${port}`);
      undo.push(() => device.endAsync(true));
      const receiver = new OutletReceiver('line/gates');
      device.on('message', (topic, payload, { retain }) => receiver.hear(topic, payload.toString(), retain));
      await device.subscribeAsync('line/gates/#');
      const { gates, troubles } = gatesOf({ ...configOf(proxy.port), qos }, 200);
      let ups = 0;
      gates.start(() => ups++);
      await expect.poll(() => ups, patience).toBe(1);
      frozen = true;
      await expect(gates.set(0, true)).rejects.toThrow();
      await expect.poll(() => ups, patience).toBe(2);
      expect(heard).not.toContain('line/gates/state offline');
      for (const go of held) go();
      await expect.poll(() => heard, patience).toContain('line/gates/state offline');
      const states = (): string[] => receiver.said.filter((line) => line.startsWith('state'));
      await expect
        .poll(states, patience)
        .toEqual(['state online', 'state online', 'state offline', 'state online']);
      const latecomer = await connectAsync(`mqtt://127.0.0.1:${port}`);
      undo.push(() => latecomer.endAsync(true));
      const kept: string[] = [];
      latecomer.on('message', (_, payload) => kept.push(payload.toString()));
      await latecomer.subscribeAsync('line/gates/state');
      await expect.poll(() => kept, patience).toEqual(['online']);
      // A device begins anew with each state.
      await gates.set(0, true);
      await expect.poll(() => receiver.opened.length, patience).toBe(1);
      await gates.close();
      await expect.poll(() => states().at(-1), patience).toBe('state offline');
      await pause(300);
      expect([states().at(-1), ups, troubles.length]).toEqual(['state offline', 2, 1]);
    },
  );

  it('says whole numbers of 32 bits, by which a device knows a fresh shot also when they begin anew', async () => {
    const { port, stop } = await startBroker();
    undo.push(stop);
    const device = await connectAsync(`mqtt://127.0.0.1:${port}`);
    undo.push(() => device.endAsync(true));
    const receiver = new OutletReceiver('line/gates');
    const numbers: number[][] = [];
    device.on('message', (topic, payload, { retain }) => {
      receiver.hear(topic, payload.toString(), retain);
      const found = payload.toString().match(/\d[\d.]*/g);
      if (found !== null) numbers.push(found.map(Number));
    });
    await device.subscribeAsync('line/gates/#');
    let addedMs = 0;
    const config = configOf(port);
    const outputs = config.outputs.map((output) => ({ ...output, pulseMs: 81.7 }));
    const { gates } = gatesOf({ ...config, outputs }, 500, {
      ...systemScheduler,
      monotonicMs: () => systemScheduler.monotonicMs() + addedMs,
    });
    await new Promise<void>((resolve) => gates.start(resolve));
    addedMs = 2 ** 32 - 1_000 - systemScheduler.monotonicMs();
    await gates.set(0, true);
    await pause(1_100);
    await gates.set(0, true);
    await expect.poll(() => receiver.opened.length + receiver.dropped.length, patience).toBe(2);
    expect(receiver.dropped).toEqual([]);
    const [heartbeat, before, after] = numbers;
    expect(heartbeat![0]).toBeGreaterThan(2 ** 31);
    expect(before).toEqual([81, expect.any(Number), 40]);
    expect(after![1]).toBeLessThan(2 ** 31);
    expect(numbers.flat().every((each) => Number.isInteger(each) && each < 2 ** 32)).toBe(true);
    // What was sent a second ago and comes now is late, also over the end of the 32 bits.
    receiver.hear(
      'line/gates/gate/1',
      JSON.stringify({ on: true, sentMs: before![1], validForMs: 40 }),
      false,
    );
    expect(receiver.dropped).toHaveLength(1);
  });

  it('is there, and says so, when the broker does not let it read its own state', async () => {
    const { broker, port, stop } = await startBroker();
    undo.push(stop);
    broker.authorizeSubscribe = (_, subscription, done) =>
      done(null, subscription.topic.endsWith('/state') ? null : subscription);
    const { gates, troubles } = gatesAt(port);
    await new Promise<void>((resolve) => gates.start(resolve));
    await gates.set(0, true);
    expect(troubles).toEqual([expect.stringContaining('does not tell the agent of line/gates/state')]);
  });

  it('leaves a will for when it is cut off', async () => {
    const broker = await startBroker();
    undo.push(broker.stop);
    const sockets: { destroy(): void }[] = [];
    broker.server.on('connection', (socket) => sockets.push(socket));
    const { gates } = gatesAt(broker.port);
    await new Promise<void>((resolve) => gates.start(resolve));
    sockets[0]!.destroy();
    await expect.poll(() => broker.heard, patience).toContain('line/gates/state offline');
  });
});
