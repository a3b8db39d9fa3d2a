/** What opens the outlets of a line, and when. */
import { type Static, type TProperties, Type } from '@pomona/schema';

const strict = { additionalProperties: false };
const Path = Type.String({ minLength: 1, maxLength: 1_000 });

/** One actuator: for the fruit of a gate, of one lane or of all. `wire` says where it hangs on the device, `sensor` where what confirms its shots does. */
function outputs<T extends TProperties, S extends TProperties>(wire: T, sensor: S) {
  return Type.Array(
    Type.Object(
      {
        /** As the recipe numbers them. A gate without an output is where fruit goes by itself. */
        gate: Type.Integer({ minimum: 0, maximum: 63 }),
        /** From 0 at the top of the picture; left out, all lanes. */
        lane: Type.Optional(Type.Integer({ minimum: 0, maximum: 15 })),
        /** From the camera's exit edge; left out, `geometry.gateDistanceMm`, which none may lie before. */
        distanceMm: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 10_000 })),
        /** From the command to the moved flap: the actuator's data sheet, or a film of it. */
        lagMs: Type.Number({ minimum: 0, maximum: 1_000, default: 30 }),
        /** How long it stays open, half of it before the fruit's centre passes. */
        pulseMs: Type.Number({ minimum: 5, maximum: 2_000, default: 80 }),
        /** A light barrier or the like behind the outlet, which a fruit that left by it passes; left out, nothing confirms. */
        confirm: Type.Optional(
          Type.Object(
            {
              /** After the outlet has closed. */
              withinMs: Type.Number({ minimum: 10, maximum: 10_000, default: 500 }),
              ...sensor,
            },
            strict,
          ),
        ),
        ...wire,
      },
      strict,
    ),
    { minItems: 1, maxItems: 64 },
  );
}

/** Between two signs of life. Whoever listens should let go of the outlets after three that are missing. */
const heartbeatMs = Type.Integer({ minimum: 100, maximum: 10_000, default: 500 });
const Host = Type.String({ pattern: '^[A-Za-z0-9.:-]{1,253}$' });
const Topic = Type.String({ pattern: '^[^#+/]+(/[^#+/]+)*$', maxLength: 200, default: 'pomona/gates' });

/** Writes what a gate would have done as one line of JSON per fruit. The file left out, it is `gate.log` in the data folder. */
const LogGate = Type.Object({ kind: Type.Literal('log'), file: Path }, strict);

/** A broker at the line, not the control plane's. */
const MqttGate = Type.Object(
  {
    kind: Type.Literal('mqtt'),
    url: Type.String({ pattern: '^mqtts?://[A-Za-z0-9.:\\[\\]-]{1,253}$', default: 'mqtt://127.0.0.1:1883' }),
    topic: Topic,
    qos: Type.Enum([0, 1], { default: 0 }),
    username: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    password: Type.Optional(Type.String({ maxLength: 1_000 })),
    outputs: outputs({}, {}),
    heartbeatMs,
  },
  strict,
);
export type MqttGate = Static<typeof MqttGate>;

/** A PLC or an I/O module that speaks Modbus over TCP; an output is a coil. */
const ModbusGate = Type.Object(
  {
    kind: Type.Literal('modbus'),
    host: Host,
    port: Type.Integer({ minimum: 1, maximum: 65_535, default: 502 }),
    unit: Type.Integer({ minimum: 0, maximum: 255, default: 1 }),
    /** A holding register that counts up with each beat: the device's watchdog looks at it. */
    heartbeatRegister: Type.Optional(Type.Integer({ minimum: 0, maximum: 65_535 })),
    outputs: outputs(
      { coil: Type.Integer({ minimum: 0, maximum: 65_535 }) },
      /** A discrete input, which is asked for every 20 ms: what it shows must last longer. */
      { input: Type.Integer({ minimum: 0, maximum: 65_535 }) },
    ),
    heartbeatMs,
  },
  strict,
);
export type ModbusGate = Static<typeof ModbusGate>;

const Line = Type.Integer({ minimum: 0, maximum: 511 });

/** Pins of the board itself, by `gpioset` of libgpiod. */
const GpioGate = Type.Object(
  {
    kind: Type.Literal('gpio'),
    chip: Type.String({ pattern: '^(/dev/)?gpiochip\\d{1,3}$', default: 'gpiochip0' }),
    /** Open is low. */
    activeLow: Type.Boolean({ default: false }),
    /** Changes with each beat, as a watchdog relay wants it. */
    heartbeatLine: Type.Optional(Line),
    outputs: outputs(
      { line: Line },
      {
        /** Watched by `gpiomon`. */
        line: Line,
        /** A fruit pulls it down. */
        activeLow: Type.Boolean({ default: false }),
      },
    ),
    heartbeatMs,
  },
  strict,
);
export type GpioGate = Static<typeof GpioGate>;

export const gateKinds = { log: LogGate, mqtt: MqttGate, modbus: ModbusGate, gpio: GpioGate } as const;
export const GateConfig = Type.Union([LogGate, MqttGate, ModbusGate, GpioGate]);
export type GateConfig = Static<typeof GateConfig>;
/** Those that switch something. */
export type OutletConfig = Exclude<GateConfig, { kind: 'log' }>;

/** What the schema cannot say of it: undefined when all is well. */
export function gateProblem(
  gate: GateConfig,
  line: { readonly lanes: number; readonly gateDistanceMm: number },
): string | undefined {
  if (gate.kind === 'log') return undefined;
  const places = new Set<string>();
  const wires = new Set<number>(gate.kind === 'gpio' ? [gate.heartbeatLine ?? -1] : []);
  const inputs = new Set<number>();
  for (const [i, output] of gate.outputs.entries()) {
    const field = `gate.outputs.${i}`;
    const { lane, distanceMm } = output;
    if (lane !== undefined && lane >= line.lanes)
      return `${field}.lane must be below geometry.lanes (${line.lanes}), not ${lane}`;
    if (distanceMm !== undefined && distanceMm < line.gateDistanceMm)
      return `${field}.distanceMm must not be below geometry.gateDistanceMm (${line.gateDistanceMm}), the nearest gate, not ${distanceMm}`;
    const place = `${output.gate} ${lane ?? 'all'}`;
    if (places.has(place)) return `${field} is a second output for gate ${output.gate} of the same lane`;
    places.add(place);
    const wire = wireOf(gate, i);
    if (wire !== undefined && wires.has(wire))
      return `${field}.${gate.kind === 'gpio' ? 'line' : 'coil'} ${wire} is in use already`;
    if (wire !== undefined) wires.add(wire);
    const sensor = sensorOf(gate, i);
    const taken = gate.kind === 'gpio' ? wires : inputs;
    if (sensor !== undefined && taken.has(sensor))
      return `${field}.confirm.${gate.kind === 'gpio' ? 'line' : 'input'} ${sensor} is in use already`;
    if (sensor !== undefined) taken.add(sensor);
  }
  return undefined;
}

function wireOf(gate: OutletConfig, i: number): number | undefined {
  if (gate.kind === 'modbus') return gate.outputs[i]!.coil;
  return gate.kind === 'gpio' ? gate.outputs[i]!.line : undefined;
}

function sensorOf(gate: OutletConfig, i: number): number | undefined {
  if (gate.kind === 'modbus') return gate.outputs[i]!.confirm?.input;
  return gate.kind === 'gpio' ? gate.outputs[i]!.confirm?.line : undefined;
}

/** So long before a fruit is at its gate its shot must be given, whichever output it is for. */
export function gateLeadMs(gate: GateConfig): number {
  const leads = gate.kind === 'log' ? [] : gate.outputs.map(({ lagMs, pulseMs }) => lagMs + pulseMs / 2);
  return Math.max(0, ...leads) + decisionToWireMs;
}

/** From the camera's exit edge to the farthest output. */
export function gateFarthestMm(gate: GateConfig, gateDistanceMm: number): number {
  const all = gate.kind === 'log' ? [] : gate.outputs.map(({ distanceMm = gateDistanceMm }) => distanceMm);
  return Math.max(gateDistanceMm, ...all);
}

/** From a decision to the command on its wire. */
const decisionToWireMs = 50;
