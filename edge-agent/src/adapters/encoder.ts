import type { EncoderConfig } from '@pomona/firmware-config';
import { assertNever } from '@pomona/wire';
import type { Encoder, EncoderDeps } from './encoder-deps.ts';
import { gpioEncoder } from './encoder-gpio.ts';
import { modbusEncoder } from './encoder-modbus.ts';
import { mqttEncoder } from './encoder-mqtt.ts';

/** Begins to read the encoder, and goes on trying. */
export function openEncoder(config: EncoderConfig, deps: EncoderDeps): Encoder {
  switch (config.kind) {
    case 'gpio':
      return gpioEncoder(config, deps);
    case 'modbus':
      return modbusEncoder(config, deps);
    case 'mqtt':
      return mqttEncoder(config, deps);
    default:
      return assertNever(config);
  }
}
