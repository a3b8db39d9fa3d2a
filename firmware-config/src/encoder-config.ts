/** What says how far the belt has run, where it is not the time or the camera's own program. */
import { type Static, Type } from '@pomona/schema';

const strict = { additionalProperties: false };
const Line = Type.Integer({ minimum: 0, maximum: 511 });

/** Pulses on a pin of the board, by `gpiomon` of libgpiod. */
const GpioEncoder = Type.Object(
  {
    kind: Type.Literal('gpio'),
    chip: Type.String({ pattern: '^(/dev/)?gpiochip\\d{1,3}$', default: 'gpiochip0' }),
    line: Line,
    /** The second track, which is high when `line` rises on a belt that runs backwards. Left out, each pulse is forward. */
    lineB: Type.Optional(Line),
    /** From one rising edge of `line` to the next. */
    mmPerPulse: Type.Number({ exclusiveMinimum: 0, maximum: 50 }),
  },
  strict,
);
export type GpioEncoder = Static<typeof GpioEncoder>;

/** A counter of a PLC or an encoder module that speaks Modbus over TCP; it is asked for every 20 ms. */
const ModbusEncoder = Type.Object(
  {
    kind: Type.Literal('modbus'),
    host: Type.String({ pattern: '^[A-Za-z0-9.:-]{1,253}$' }),
    port: Type.Integer({ minimum: 1, maximum: 65_535, default: 502 }),
    unit: Type.Integer({ minimum: 0, maximum: 255, default: 1 }),
    /** Holding registers can be written, input registers cannot. */
    table: Type.Enum(['holding', 'input'], { default: 'holding' }),
    /** The counter's only register, or that of its high half. */
    register: Type.Integer({ minimum: 0, maximum: 65_534 }),
    /** It starts over after so many. */
    bits: Type.Enum([16, 32], { default: 16 }),
    /** Below 0 for one that counts down. */
    mmPerCount: Type.Number({ minimum: -50, maximum: 50 }),
  },
  strict,
);
export type ModbusEncoder = Static<typeof ModbusEncoder>;

/** Millimetres that somebody publishes at a broker at the line, as a number: at least once a second, on a belt that stands too. */
const MqttEncoder = Type.Object(
  {
    kind: Type.Literal('mqtt'),
    url: Type.String({ pattern: '^mqtts?://[A-Za-z0-9.:\\[\\]-]{1,253}$', default: 'mqtt://127.0.0.1:1883' }),
    topic: Type.String({ pattern: '^[^#+/]+(/[^#+/]+)*$', maxLength: 200 }),
    username: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    password: Type.Optional(Type.String({ maxLength: 1_000 })),
  },
  strict,
);
export type MqttEncoder = Static<typeof MqttEncoder>;

export const encoderKinds = { gpio: GpioEncoder, modbus: ModbusEncoder, mqtt: MqttEncoder } as const;
export const EncoderConfig = Type.Union([GpioEncoder, ModbusEncoder, MqttEncoder]);
export type EncoderConfig = Static<typeof EncoderConfig>;
