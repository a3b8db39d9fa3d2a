import type { GateState } from '@pomona/wire';

/** What opens and closes the outlets. Shots are given in the order of decisions, each before its fruit arrives. */
export interface Gate {
  /** Never throws and never waits: an outlet that does not answer is reported by the adapter. */
  shoot(shot: Shot): void;
  /**
   * Where the belt is, with every frame. What was shot before has its place in the count of the reading before: an encoder
   * that began anew is told of after the shots of fruit that were lost by it.
   */
  observe(encoderMm: number, capturedAtMs: number): void;
}

/** A gate with what it has to know besides. */
export interface LineGate extends Gate {
  /** Fruit can be seen: without this word every few seconds the gate gives no sign of life. */
  sees(): void;
  /** Undefined where nothing is switched. */
  state(): GateState | undefined;
  /** Resolves when all outlets are closed. */
  close(): Promise<void>;
}

export interface Shot {
  readonly boot: string;
  /** Names the fruit's record, as (boot, seq). */
  readonly seq: number;
  readonly lane: number;
  readonly gate: number;
  readonly grade: string;
  /** Wall time of the decision, ISO 8601. */
  readonly at: string;
  /** Monotonic milliseconds of the decision, and at which the fruit is at the gate; infinite when the belt stands. */
  readonly decidedAtMs: number;
  readonly dueAtMs: number;
  /** Encoder reading at which the fruit is at the gate, millimetres. */
  readonly positionMm: number;
}

/** The wires to the actuators. Each command is given at once or not at all: none may wait for a line that comes back. */
export interface GateOutputs {
  /**
   * Begins to connect, and goes on trying. `onUp` each time when all outputs are off and can be switched, `onLeft` when the
   * sensor of an output sees a fruit.
   */
  start(onUp: () => void, onLeft?: (output: number) => void): void;
  readonly isUp: boolean;
  /** The sensors can be asked. Without them nothing is confirmed, but everything is switched. */
  readonly isSensing: boolean;
  /** `output` by its index. Rejects when the device does not take it in time. */
  set(output: number, on: boolean): Promise<void>;
  /** A sign of life for who must stop the belt, or let go of the outlets, when none comes. */
  beat(): Promise<void>;
  /** All outputs off, then gone. */
  close(): Promise<void>;
}
