/** The thread that opens the outlets: a run of the network would hold up a timer beside it. Talks to `GateThread`. */
import { parentPort, workerData } from 'node:worker_threads';
import type { OutletConfig } from '@pomona/firmware-config';
import { assertNever, seededRandom } from '@pomona/wire';
import type { GateDeviceDeps } from './adapters/gate-device.ts';
import { gpioGates } from './adapters/gate-gpio.ts';
import { modbusGates } from './adapters/gate-modbus.ts';
import { mqttGates } from './adapters/gate-mqtt.ts';
import { systemScheduler } from './adapters/system-scheduler.ts';
import type { GateOutputs } from './domain/gate.ts';
import type { FromGates, GateThreadSetup, ToGates } from './domain/gate-messages.ts';
import { GateDriver } from './use-cases/drive-gates.ts';

const { config, gateDistanceMm } = workerData as GateThreadSetup;
const port = parentPort!;
const say = (message: FromGates): void => port.postMessage(message);
const onTrouble = (code: string, message: string): void => say({ kind: 'trouble', code, message });

const driver = new GateDriver(
  { outputs: config.outputs, gateDistanceMm, heartbeatMs: config.heartbeatMs },
  {
    scheduler: systemScheduler,
    device: deviceOf(config, {
      scheduler: systemScheduler,
      random: seededRandom(systemScheduler.nowMs(), 'gates'),
      onTrouble,
    }),
    onTrouble,
  },
);
const states = setInterval(() => say({ kind: 'state', state: driver.state() }), 1_000);
port.on('message', (message: ToGates) => {
  switch (message.kind) {
    case 'shot':
      return driver.shoot(message.shot);
    case 'belt':
      return driver.observe(message.encoderMm, message.capturedAtMs);
    case 'sees':
      return driver.sees();
    case 'stop':
      return void stop();
    default:
      return assertNever(message);
  }
});
driver.start();

async function stop(): Promise<void> {
  clearInterval(states);
  try {
    await driver.stop();
  } catch (error) {
    onTrouble('gate', `an outlet was not closed at the end: ${String(error)}`);
  }
  port.close();
}

function deviceOf(of: OutletConfig, deps: GateDeviceDeps): GateOutputs {
  switch (of.kind) {
    case 'mqtt':
      return mqttGates(of, deps);
    case 'modbus':
      return modbusGates(of, deps);
    case 'gpio':
      return gpioGates(of, deps);
    default:
      return assertNever(of);
  }
}
