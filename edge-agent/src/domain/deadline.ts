import type { BeltClock } from './belt-clock.ts';

export interface Passage {
  /** Encoder reading at which the fruit's centre is at the camera's exit edge, millimetres. */
  readonly exitMm: number;
  /** Encoder reading at which it is at the gate. */
  readonly gateMm: number;
  /** Monotonic time at which it is at the gate, milliseconds; infinite when the belt stands. */
  readonly dueAtMs: number;
}

/** When a fruit will be where. `originMm`: where its centre is when the encoder reads 0. */
export function passageOf(
  belt: BeltClock,
  originMm: number,
  line: { readonly viewMm: number; readonly gateDistanceMm: number },
): Passage {
  const exitMm = line.viewMm - originMm;
  const gateMm = exitMm + line.gateDistanceMm;
  return { exitMm, gateMm, dueAtMs: belt.reachesAtMs(gateMm) };
}

/** The same as the gate itself expects it: once frames stay away, the last step is no sign of a belt that speeds up, but of an old hitch. */
export function passageByMean(...[belt, originMm, line]: Parameters<typeof passageOf>): Passage {
  const passage = passageOf(belt, originMm, line);
  return { ...passage, dueAtMs: belt.passesAtMs(passage.gateMm) ?? Number.POSITIVE_INFINITY };
}

/** A shot needs `leadMs` to act; given later than that, it would hit the next fruit. */
export function isLate(passage: Passage, nowMs: number, leadMs: number): boolean {
  return nowMs + leadMs > passage.dueAtMs;
}

/** For a fruit that was late however soon it was decided. */
const timeUsedMax = 10;

/**
 * What part of the time between a fruit's last view and the last moment for its shot its decision took: above 1 it is
 * late, 0 on a belt that stands.
 */
export function timeUsed(passage: Passage, lastViewAtMs: number, nowMs: number, leadMs: number): number {
  const hadMs = passage.dueAtMs - leadMs - lastViewAtMs;
  const tookMs = Math.max(0, nowMs - lastViewAtMs);
  return hadMs > 0 ? Math.min(timeUsedMax, tookMs / hadMs) : timeUsedMax;
}
