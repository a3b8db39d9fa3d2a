/**
 * A counter in a PLC or an encoder module, asked for every 20 ms. An answer is taken for the counter's state half way between question
 * and answer.
 */
import type { ModbusEncoder } from '@pomona/firmware-config';
import modbusSerial from 'modbus-serial';
import { type Encoder, type EncoderDeps, encoderLost } from './encoder-deps.ts';
import { inTime } from './in-time.ts';
import { Retries } from './retries.ts';

/** A CommonJS package: its types and Node agree on `default` alone. */
const ModbusRTU = modbusSerial.default;
type ModbusRTU = InstanceType<typeof ModbusRTU>;

const pollMs = 20;
const answerMs = 500;

export function modbusEncoder(config: ModbusEncoder, deps: EncoderDeps): Encoder {
  const { host, port, unit, table, register, bits, mmPerCount } = config;
  const { scheduler, onReading } = deps;
  const where = `${host}:${port}`;
  const turn = 2 ** bits;
  let device: ModbusRTU | undefined;
  let cancel = (): void => undefined;
  /** The counter's last state, and what it would be if it never started over. */
  let last: number | undefined;
  let counts = 0;

  const read = async (from: ModbusRTU): Promise<void> => {
    const askedAtMs = scheduler.monotonicMs();
    const words = bits / 16;
    const question =
      table === 'holding'
        ? from.readHoldingRegisters(register, words)
        : from.readInputRegisters(register, words);
    const { data } = await inTime(question, answerMs, where);
    const now = data.reduce((sum, word) => sum * 65_536 + word, 0);
    const step = (((now - (last ?? now)) % turn) + turn) % turn;
    counts += step < turn / 2 ? step : step - turn;
    last = now;
    onReading(counts * mmPerCount, (askedAtMs + scheduler.monotonicMs()) / 2);
  };
  const poll = (from: ModbusRTU): void => {
    cancel = scheduler.after(pollMs, () => {
      if (!retries.isThere || device !== from) return;
      read(from).then(
        () => poll(from),
        (error: unknown) => {
          from.destroy(() => undefined);
          retries.lost(error instanceof Error ? error.message : String(error));
        },
      );
    });
  };
  const onFailure = encoderLost(deps, where);
  const retries = new Retries({
    ...deps,
    onThere: () => poll(device!),
    onFailure,
    attempt: async () => {
      const fresh = new ModbusRTU();
      // What befalls the connection comes also here; without a listener it would end the process.
      fresh.on('error', (error: unknown) => retries.lost(String(error)));
      fresh.on('close', () => retries.lost('the connection was closed'));
      try {
        await inTime(fresh.connectTCP(host, { port }), 3_000, where);
        fresh.setID(unit);
        fresh.setTimeout(answerMs);
        device = fresh;
        await read(fresh);
      } catch (error) {
        fresh.destroy(() => undefined);
        throw error;
      }
    },
  });
  retries.start();
  return {
    stop() {
      retries.stop();
      cancel();
      device?.destroy(() => undefined);
    },
  };
}
