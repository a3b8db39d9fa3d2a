/** What opens and closes the outlets. Shots are given in the order of decisions, each before its fruit arrives. */
export interface Gate {
  /** Never throws and never waits: an outlet that does not answer is reported by the adapter. */
  shoot(shot: Shot): void;
  close(): void;
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
