/**
 * Millimetres that a PLC or a gateway publishes at a broker at the line: a number as text, taken for the belt's place at the moment of
 * its arrival. Who publishes must do so also while the belt stands, at least once a second, or the encoder counts as away.
 */
import type { MqttEncoder } from '@pomona/firmware-config';
import type { MqttClient } from 'mqtt';
import { connectMqtt } from './connect-mqtt.ts';
import { type Encoder, type EncoderDeps, encoderLost } from './encoder-deps.ts';
import { inTime } from './in-time.ts';
import { Retries } from './retries.ts';

const silentMs = 1_500;
const answerMs = 500;

export function mqttEncoder(config: MqttEncoder, deps: EncoderDeps): Encoder {
  const { url, topic, username, password } = config;
  const { scheduler, onReading, onTrouble } = deps;
  let client: MqttClient | undefined;
  let cancelSilence = (): void => undefined;

  const awaitNext = (): void => {
    cancelSilence();
    cancelSilence = scheduler.after(silentMs, () => onFailure(`nothing is published at ${topic}`));
  };
  const hear = (payload: Buffer, isRetained: boolean): void => {
    // What is retained was said before; nobody knows when.
    if (isRetained) return;
    const text = payload.toString('utf8', 0, 40).trim();
    const encoderMm = text === '' ? Number.NaN : Number(text);
    if (!Number.isFinite(encoderMm)) {
      onTrouble('encoder', `what ${topic} says is no number of millimetres: ${text}`);
      return;
    }
    awaitNext();
    onReading(encoderMm, scheduler.monotonicMs());
  };
  const onFailure = encoderLost(deps, url);
  const retries = new Retries({
    ...deps,
    onThere: awaitNext,
    onFailure: (reason) => {
      cancelSilence();
      onFailure(reason);
    },
    attempt: async () => {
      const fresh = await connectMqtt(url, { username, password, keepalive: 1 }, (reason) =>
        retries.lost(reason),
      );
      client = fresh;
      fresh.on('message', (_, payload, { retain }) => {
        if (retries.isThere) hear(payload, retain);
      });
      try {
        await inTime(fresh.subscribeAsync(topic, { qos: 0 }), answerMs, `the broker at ${url}`);
      } catch (error) {
        fresh.end(true);
        throw error;
      }
    },
  });
  retries.start();
  return {
    stop() {
      retries.stop();
      cancelSilence();
      client?.end(true);
    },
  };
}
