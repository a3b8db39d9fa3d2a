/**
 * Outlets that listen to a broker at the line. Below the configured topic:
 *
 *     state                  `online` or `offline`, retained; `offline` is the will, so that it comes also after a crash; when
 *                            it comes though the agent is there, `online` is said again
 *     heartbeat              milliseconds of the agent's clock, modulo 2^32; one goes before the first shot after `online`
 *     gate/2, gate/2/lane/0  {"on":true,"pulseMs":80,"sentMs":481230,"validForMs":40}, {"on":false}: of an output for all
 *                            lanes, or for one; `sentMs` by the clock of the heartbeat
 *     gate/2/left            said by a sensor, if the output has one: a fruit has left by it; whatever it says
 *
 * Who listens closes after `pulseMs` by itself, lets go of everything on `offline`, and drops what is older than
 * `validForMs`. A client lives for one connection: nothing that was not delivered is sent again after it, for that would be
 * a late shot. No outlet is opened by a broker that owes an answer, and one that does not take a command in time is
 * connected anew: who waits longer would not know what it has taken, and the network may be dead for minutes before anyone
 * says so. What it had not read by then it delivers when it goes on, with the will right behind it.
 */
import type { MqttGate } from '@pomona/firmware-config';
import type { MqttClient } from 'mqtt';
import type { GateOutputs } from '../domain/gate.ts';
import { BrokerAnswers } from './broker-answers.ts';
import { connectMqtt } from './connect-mqtt.ts';
import { type GateDeviceDeps, notConnected } from './gate-device.ts';
import { inTime, silent } from './in-time.ts';
import { Retries } from './retries.ts';

/** A broker that owes an answer for longer is given no shot: it may be hanging, and would deliver it late. */
const owedMsMax = 100;
/** A shot is good until its fruit's centre is at the outlet, and at least for as long as one may be late on its way to the wire. */
const validMsMin = 10;

export function mqttGates(config: MqttGate, deps: GateDeviceDeps, answerMs = 500): GateOutputs {
  const { url, topic, qos, username, password, outputs, heartbeatMs } = config;
  const who = `the broker at ${url}`;
  const stateTopic = `${topic}/state`;
  /** Given so far, of each output. */
  const commands = outputs.map(() => 0);
  let client: MqttClient | undefined;
  let answers: BrokerAnswers | undefined;
  /** How often `online` was said, and which of them a heartbeat has followed: who listens knows this clock only by that. */
  let onlines = 0;
  let beatenSince = 0;
  let onUp = (): void => undefined;
  let onLeft = (_: number): void => undefined;

  const topicOf = (index: number): string => {
    const { gate, lane } = outputs[index]!;
    return lane === undefined ? `${topic}/gate/${gate}` : `${topic}/gate/${gate}/lane/${lane}`;
  };
  const sensors = new Map<string, number>(
    outputs.flatMap(({ confirm }, i) => (confirm === undefined ? [] : [[`${topicOf(i)}/left`, i] as const])),
  );
  const nowMs = (): number => Math.round(deps.scheduler.monotonicMs());
  /** Of 32 bits, as a programmable controller counts: it begins anew at 0 after 49.7 days. */
  const clock = (): number => nowMs() % 2 ** 32;
  const giveUp = (on: MqttClient, reason: string): void => {
    on.end(true);
    // It may have been lost before, and another be there.
    if (on === client) retries.lost(reason);
  };
  const publish = async (to: string, payload: string, retain = false): Promise<void> => {
    const [on, from] = [client, answers];
    if (on?.connected !== true || from === undefined) throw notConnected(url);
    const taken: Promise<unknown>[] = [on.publishAsync(to, payload, { qos, retain })];
    if (qos === 0) taken.push(from.taken());
    try {
      await inTime(Promise.all(taken), answerMs, who);
    } catch (error) {
      giveUp(on, messageOf(error));
      throw error;
    }
  };
  const close = (output: number): Promise<void> => publish(topicOf(output), JSON.stringify({ on: false }));
  const beat = async (): Promise<void> => {
    const since = onlines;
    await publish(`${topic}/heartbeat`, String(clock()));
    beatenSince = since;
  };
  const sayOnline = (): Promise<void> => {
    onlines++;
    return publish(stateTopic, 'online', true);
  };
  /** The will of a connection that the network held back may come when the next has long said `online`. */
  const hearOfItself = async (on: MqttClient): Promise<void> => {
    try {
      await inTime(on.subscribeAsync(stateTopic, { qos }), answerMs, who);
    } catch (error) {
      // A broker may forbid it. If the connection is at fault, what comes next fails as well.
      deps.onTrouble('gate-state', `${who} does not tell the agent of ${stateTopic}: ${messageOf(error)}`);
    }
  };
  const contradict = (): void => {
    if (!retries.isThere) return;
    sayOnline().catch((error: unknown) => deps.onTrouble('gate-state', messageOf(error)));
  };
  const open = async (output: number): Promise<void> => {
    const [command, askedAtMs] = [commands[output], nowMs()];
    const isFirst = beatenSince !== onlines;
    // Not in one go with the shot: if they hung together, the shot would look fresh.
    if (isFirst) await beat();
    const owes = answers?.owesFor(owedMsMax) === true;
    if (owes) await answers?.settled();
    if (isFirst || owes) {
      const isLate = answers?.owesFor(owedMsMax) === true || nowMs() - askedAtMs > owedMsMax;
      // When a newer command has gone out meanwhile, this one must not come after it.
      if (isLate || commands[output] !== command) throw silent(who, owedMsMax);
    }
    // Whole numbers, for those who read no others.
    const pulseMs = Math.floor(outputs[output]!.pulseMs);
    const validForMs = Math.max(validMsMin, Math.floor(pulseMs / 2));
    const shot = { on: true, pulseMs, sentMs: clock(), validForMs };
    await publish(topicOf(output), JSON.stringify(shot));
  };
  const closeAll = async (): Promise<void> => {
    await Promise.all(outputs.map((_, i) => close(i)));
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
          will: { topic: stateTopic, payload: 'offline', qos, retain: true },
        },
        (reason) => retries.lost(reason),
      );
      client = fresh;
      answers = new BrokerAnswers(fresh, {
        scheduler: deps.scheduler,
        silentMs: answerMs,
        onSilent: () => giveUp(fresh, silent(who, answerMs).message),
      });
      answers.start();
      fresh.on('message', (from, payload, { retain }) => {
        // What is retained was said before, of another fruit or another connection.
        if (retain) return;
        const output = sensors.get(from);
        if (output !== undefined) onLeft(output);
        else if (from === stateTopic && payload.toString() === 'offline' && fresh === client) contradict();
      });
      try {
        await closeAll();
        await hearOfItself(fresh);
        if (sensors.size > 0) await inTime(fresh.subscribeAsync([...sensors.keys()], { qos }), answerMs, who);
        await sayOnline();
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
    async set(output, on) {
      if (!retries.isThere) throw notConnected(url);
      commands[output]!++;
      await (on ? open(output) : close(output));
    },
    beat,
    async close() {
      const wasThere = retries.isThere;
      retries.stop();
      try {
        if (wasThere) await closeAll().then(() => publish(stateTopic, 'offline', true));
      } finally {
        client?.end(true);
      }
    },
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
