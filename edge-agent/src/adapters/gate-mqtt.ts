/**
 * Outlets that listen to a broker at the line. Below the configured topic:
 *
 *     state                  `online` or `offline`, retained; `offline` is the will, so that it comes also after a crash
 *     heartbeat              a number that counts up
 *     gate/2, gate/2/lane/0  {"on":true,"pulseMs":80}, {"on":false}: of an output for all lanes, or for one
 *     gate/2/left            said by a sensor, if the output has one: a fruit has left by it; whatever it says
 *
 * Who listens closes after `pulseMs` by itself, and lets go of everything on `offline`. A client lives for one connection:
 * nothing that was not delivered is sent again after it, for that would be a late shot. A broker that does not take a
 * command in time is connected anew: who waits longer would not know what it has taken, and the network may be dead for
 * minutes before anyone says so.
 */
import type { MqttGate } from '@pomona/firmware-config';
import type { MqttClient } from 'mqtt';
import type { GateOutputs } from '../domain/gate.ts';
import { connectMqtt } from './connect-mqtt.ts';
import { type GateDeviceDeps, notConnected } from './gate-device.ts';
import { inTime } from './in-time.ts';
import { Retries } from './retries.ts';

export function mqttGates(config: MqttGate, deps: GateDeviceDeps, answerMs = 500): GateOutputs {
  const { url, topic, qos, username, password, outputs, heartbeatMs } = config;
  let client: MqttClient | undefined;
  let beats = 0;
  let onUp = (): void => undefined;
  let onLeft = (_: number): void => undefined;

  const topicOf = (index: number): string => {
    const { gate, lane } = outputs[index]!;
    return lane === undefined ? `${topic}/gate/${gate}` : `${topic}/gate/${gate}/lane/${lane}`;
  };
  const sensors = new Map<string, number>(
    outputs.flatMap(({ confirm }, i) => (confirm === undefined ? [] : [[`${topicOf(i)}/left`, i] as const])),
  );
  const publish = async (to: string, payload: string, retain = false): Promise<void> => {
    const on = client;
    if (on?.connected !== true) throw notConnected(url);
    try {
      await inTime(on.publishAsync(to, payload, { qos, retain }), answerMs, `the broker at ${url}`);
    } catch (error) {
      // Not delivered later either; the broker gives the will.
      on.end(true);
      retries.lost(error instanceof Error ? error.message : String(error));
      throw error;
    }
  };
  const set = (output: number, on: boolean): Promise<void> =>
    publish(topicOf(output), JSON.stringify(on ? { on, pulseMs: outputs[output]!.pulseMs } : { on }));
  const closeAll = async (): Promise<void> => {
    await Promise.all(outputs.map((_, i) => set(i, false)));
  };
  const retries = new Retries({
    ...deps,
    onThere: () => onUp(),
    onFailure: (reason) => deps.onTrouble('gate-device', `no outlet can be opened: ${url}: ${reason}`),
    attempt: async () => {
      const fresh = await connectMqtt(
        url,
        {
          ...{ username, password },
          // A broker sends the will after one and a half of it (MQTT 3.1.1, section 3.1.2.10).
          keepalive: Math.ceil((2 * heartbeatMs) / 1_000),
          queueQoSZero: false,
          will: { topic: `${topic}/state`, payload: 'offline', qos, retain: true },
        },
        (reason) => retries.lost(reason),
      );
      client = fresh;
      fresh.on('message', (from, _, { retain }) => {
        const output = sensors.get(from);
        // What is retained was said before, of another fruit.
        if (output !== undefined && !retain) onLeft(output);
      });
      try {
        await closeAll();
        if (sensors.size > 0)
          await inTime(fresh.subscribeAsync([...sensors.keys()], { qos }), answerMs, `the broker at ${url}`);
        await publish(`${topic}/state`, 'online', true);
      } catch (error) {
        fresh.end(true);
        throw error;
      }
    },
  });
  return {
    start(up, left = onLeft) {
      onUp = up;
      onLeft = left;
      retries.start();
    },
    get isUp() {
      return retries.isThere;
    },
    get isSensing() {
      return retries.isThere && sensors.size > 0;
    },
    set: (output, on) => (retries.isThere ? set(output, on) : Promise.reject(notConnected(url))),
    beat: () => publish(`${topic}/heartbeat`, String(++beats)),
    async close() {
      const wasThere = retries.isThere;
      retries.stop();
      try {
        if (wasThere) await closeAll().then(() => publish(`${topic}/state`, 'offline', true));
      } finally {
        client?.end(true);
      }
    },
  };
}
