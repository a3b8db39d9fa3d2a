/**
 * A counter in a PLC or an encoder module, asked for every 20 ms. An answer is taken for the counter's state half way between question
 * and answer.
 */
import type { ModbusEncoder } from '@pomona/firmware-config';
import { connectModbus, type ModbusDevice, modbusAnswerMs } from './connect-modbus.ts';
import { type Encoder, type EncoderDeps, encoderLost } from './encoder-deps.ts';
import { inTime } from './in-time.ts';
import { Retries } from './retries.ts';

const pollMs = 20;

export function modbusEncoder(config: ModbusEncoder, deps: EncoderDeps): Encoder {
  const { host, port, unit, table, register, bits, mmPerCount } = config;
  const { scheduler, onReading } = deps;
  const where = `${host}:${port}`;
  const turn = 2 ** bits;
  let device: ModbusDevice | undefined;
  let cancel = (): void => undefined;
  /** The counter's last state, and what it would be if it never started over. */
  let last: number | undefined;
  let counts = 0;

  const read = async (from: ModbusDevice): Promise<void> => {
    const askedAtMs = scheduler.monotonicMs();
    const words = bits / 16;
    const question =
      table === 'holding'
        ? from.readHoldingRegisters(register, words)
        : from.readInputRegisters(register, words);
    const { data } = await inTime(question, modbusAnswerMs, where);
    const now = data.reduce((sum, word) => sum * 65_536 + word, 0);
    const step = (((now - (last ?? now)) % turn) + turn) % turn;
    counts += step < turn / 2 ? step : step - turn;
    last = now;
    onReading(counts * mmPerCount, (askedAtMs + scheduler.monotonicMs()) / 2);
  };
  const poll = (from: ModbusDevice): void => {
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
      const fresh = await connectModbus({ host, port, unit }, (reason) => retries.lost(reason));
      device = fresh;
      try {
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
