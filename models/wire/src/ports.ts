/** Time, so that a test can drive it. */
export interface Clock {
  /** Wall time, milliseconds since 1970. May be wrong on a device; for records only. */
  nowMs(): number;
  /** Monotonic time in milliseconds (CLOCK_MONOTONIC, comparable between processes of one machine). */
  monotonicMs(): number;
}

/** Chance, so that a seed fixes it. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
}
