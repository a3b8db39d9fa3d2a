import modbusSerial from 'modbus-serial';
import { asError, inTime } from './in-time.ts';

/** A CommonJS package: its types and Node agree on `default` alone. */
const ModbusRTU = modbusSerial.default;
export type ModbusDevice = InstanceType<typeof ModbusRTU>;

export interface ModbusPlace {
  readonly host: string;
  readonly port: number;
  readonly unit: number;
}

/** A device that should answer each question within this. */
export const modbusAnswerMs = 500;
const connectMs = 3_000;

/** One connection to a Modbus TCP device. Rejects when there is none within 3 s; `onLost` hears what befalls it, maybe more than once. */
export async function connectModbus(
  { host, port, unit }: ModbusPlace,
  onLost: (reason: string) => void,
): Promise<ModbusDevice> {
  const device = new ModbusRTU();
  // What befalls the connection comes also here; without a listener it would end the process.
  device.on('error', (error: unknown) => onLost(asError(error).message));
  device.on('close', () => onLost('the connection was closed'));
  try {
    await inTime(device.connectTCP(host, { port }), connectMs, `${host}:${port}`);
  } catch (error) {
    device.destroy(() => undefined);
    throw error;
  }
  device.setID(unit);
  // Only for what it keeps of the question: we wait for less, and say so in words of ours.
  device.setTimeout(2 * modbusAnswerMs);
  return device;
}
