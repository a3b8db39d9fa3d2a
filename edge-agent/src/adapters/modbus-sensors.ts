/**
 * Sensors on discrete inputs of a Modbus device. Nothing is sent by itself there: the inputs are asked for every 20 ms, and a fruit is where one goes
 * on. An input that cannot be read leaves the outlets alone.
 */
import type { ModbusGate } from '@pomona/firmware-config';
import type { GateDeviceDeps } from './gate-device.ts';

export interface ModbusSensorPorts {
  /** Undefined while the device is away. */
  readonly read: (input: number) => Promise<boolean | undefined>;
  readonly onLeft: (output: number) => void;
}

const pollMs = 20;
const againMs = 1_000;

export function modbusSensors(
  { outputs, host, port }: Pick<ModbusGate, 'outputs' | 'host' | 'port'>,
  { scheduler, onTrouble }: GateDeviceDeps,
  { read, onLeft }: ModbusSensorPorts,
) {
  const sensors = outputs.flatMap(({ confirm }, output) =>
    confirm === undefined ? [] : [{ output, input: confirm.input, isOn: undefined as boolean | undefined }],
  );
  let isSensing = false;
  let isStopped = false;
  let cancel = (): void => undefined;

  const readAll = async (): Promise<boolean> => {
    for (const sensor of sensors) {
      const wasOn = sensor.isOn;
      sensor.isOn = undefined;
      try {
        sensor.isOn = await read(sensor.input);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        onTrouble('gate-sensor', `no shot is confirmed: ${host}:${port}, input ${sensor.input}: ${why}`);
      }
      if (sensor.isOn === undefined) return false;
      // What was on already when it was first asked for may be anything.
      if (sensor.isOn && wasOn === false) onLeft(sensor.output);
    }
    return true;
  };
  const poll = (afterMs: number): void => {
    cancel = scheduler.after(afterMs, () => {
      void readAll().then((couldRead) => {
        isSensing = couldRead;
        if (!isStopped) poll(couldRead ? pollMs : againMs);
      });
    });
  };
  if (sensors.length > 0) poll(pollMs);
  return {
    get isSensing() {
      return isSensing;
    },
    stop() {
      isStopped = true;
      isSensing = false;
      cancel();
    },
  };
}
