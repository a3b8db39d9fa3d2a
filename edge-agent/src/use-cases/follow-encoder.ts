/**
 * Tells the gate of the encoder's readings between frames, instead of those of frames: what waits for its gate follows a belt that
 * slows down between two pictures, and also when the camera is away.
 *
 * A new count is told with the first frame that was taken in it, since shots of fruit that it lost have their places in the old
 * one and come before; until then, and while the encoder is away, the gate hears of a belt that stands.
 */
import type { BeltTravel } from '../domain/belt-travel.ts';
import type { LineGate } from '../domain/gate.ts';

/** Readings closer together make no speed. */
const stepMs = 15;

export interface EncoderGate extends LineGate {
  /** Every 20 ms or so. */
  tick(nowMs: number): void;
}

export function followEncoder(gate: LineGate, travel: BeltTravel): EncoderGate {
  /** The count that the gate's places are in. */
  let epoch = -1;
  let told = { travelMm: 0, atMs: Number.NEGATIVE_INFINITY };
  const tell = (travelMm: number, atMs: number): void => {
    if (atMs < told.atMs + stepMs) return;
    told = { travelMm, atMs };
    gate.observe(travelMm, atMs);
  };
  return {
    shoot: (shot) => gate.shoot(shot),
    sees: () => gate.sees(),
    state: () => gate.state(),
    close: () => gate.close(),
    observe(encoderMm, capturedAtMs) {
      if (travel.epoch === epoch || capturedAtMs < travel.epochSinceMs) return;
      epoch = travel.epoch;
      told = { travelMm: encoderMm, atMs: Number.NEGATIVE_INFINITY };
      tell(encoderMm, capturedAtMs);
    },
    tick(nowMs) {
      if (epoch < 0) return;
      const newest = travel.epoch === epoch && travel.isThere ? travel.newest() : undefined;
      if (newest === undefined) tell(told.travelMm, nowMs);
      else if (nowMs - newest.atMs > travel.silenceMs()) tell(newest.travelMm, nowMs);
      else tell(newest.travelMm, newest.atMs);
    },
  };
}
