/**
 * Outlets on the coils of a PLC or an I/O module (Modbus over TCP). Its watchdog looks at a register that counts up with each
 * beat, and lets go of the coils when it does not: the crash of this program cannot switch anything off by itself. A device
 * that does not answer is connected anew, because a TCP connection may be dead for minutes before anyone says so.
 */
import type { ModbusGate } from '@pomona/firmware-config';
import type { GateOutputs } from '../domain/gate.ts';
import { connectModbus, type ModbusDevice, modbusAnswerMs } from './connect-modbus.ts';
import { type GateDeviceDeps, notConnected } from './gate-device.ts';
import { inTime } from './in-time.ts';
import { modbusSensors } from './modbus-sensors.ts';
import { Retries } from './retries.ts';

export function modbusGates(config: ModbusGate, deps: GateDeviceDeps): GateOutputs {
  const { host, port, unit, outputs, heartbeatRegister } = config;
  const where = `${host}:${port}`;
  let device: ModbusDevice | undefined;
  let beats = 0;
  let onUp = (): void => undefined;
  let sensors: ReturnType<typeof modbusSensors> | undefined;

  const command = async (
    to: ModbusDevice,
    what: string,
    run: (on: ModbusDevice) => Promise<unknown>,
  ): Promise<void> => {
    try {
      await inTime(run(to), modbusAnswerMs, where);
    } catch (error) {
      // It is there, and refuses this one: what else it switches still works.
      if (isRefusal(error)) throw new Error(`${where} refuses ${what}: ${error.message}`, { cause: error });
      to.destroy(() => undefined);
      retries.lost(error instanceof Error ? error.message : String(error));
      throw error;
    }
  };
  const writeCoil = (to: ModbusDevice, coil: number, on: boolean): Promise<void> =>
    command(to, `coil ${coil}`, (device) => device.writeCoil(coil, on));
  const whenThere = (run: (on: ModbusDevice) => Promise<void>): Promise<void> =>
    retries.isThere && device !== undefined ? run(device) : Promise.reject(notConnected(where));
  const closeAll = async (to: ModbusDevice): Promise<void> => {
    for (const { coil } of outputs) await writeCoil(to, coil, false);
  };
  const retries = new Retries({
    ...deps,
    onThere: () => onUp(),
    onFailure: (reason) => {
      const why = reason.startsWith(where) ? reason : `${where}: ${reason}`;
      deps.onTrouble('gate-device', `no outlet can be opened: ${why}`);
    },
    attempt: async () => {
      const fresh = await connectModbus({ host, port, unit }, (reason) => retries.lost(reason));
      try {
        await closeAll(fresh);
      } catch (error) {
        fresh.destroy(() => undefined);
        throw error;
      }
      device = fresh;
    },
  });
  /** A device that has no such input answers that: it is there, and its outlets work. */
  const read = async (input: number): Promise<boolean | undefined> => {
    if (!retries.isThere || device === undefined) return undefined;
    const { data } = await inTime(device.readDiscreteInputs(input, 1), modbusAnswerMs, where);
    return data[0] === true;
  };
  return {
    start(up, onLeft = () => undefined) {
      onUp = up;
      retries.start();
      sensors ??= modbusSensors(config, deps, { onLeft, read });
    },
    get isUp() {
      return retries.isThere;
    },
    get isSensing() {
      return retries.isThere && (sensors?.isSensing ?? false);
    },
    set: (output, on) => whenThere((to) => writeCoil(to, outputs[output]!.coil, on)),
    async beat() {
      if (heartbeatRegister === undefined) return;
      beats = (beats + 1) % 65_536;
      await whenThere((to) =>
        command(to, `the heartbeat’s register ${heartbeatRegister}`, (on) =>
          on.writeRegister(heartbeatRegister, beats),
        ),
      );
    },
    async close() {
      const wasThere = retries.isThere;
      sensors?.stop();
      retries.stop();
      try {
        if (wasThere && device !== undefined) await closeAll(device);
      } finally {
        device?.destroy(() => undefined);
      }
    },
  };
}

/** The device's own answer (an exception of the protocol, Modbus Application Protocol 1.1b3, section 7). */
function isRefusal(error: unknown): error is Error {
  return error instanceof Error && 'modbusCode' in error;
}
