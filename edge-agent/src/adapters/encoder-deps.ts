/** What the adapters of all encoders have in common. */
import type { GateDeviceDeps } from './gate-device.ts';

export interface EncoderDeps extends GateDeviceDeps {
  /** By the encoder's own count; in the order of their times. A first one comes as soon as it can be read, also from a belt that stands. */
  readonly onReading: (encoderMm: number, atMs: number) => void;
  /** Nothing can be read until the next reading. */
  readonly onLost: () => void;
}

export interface Encoder {
  stop(): void;
}

/** Tells that there is no encoder, and why. */
export function encoderLost({ onLost, onTrouble }: EncoderDeps, where: string) {
  return (reason: string): void => {
    onLost();
    onTrouble('encoder', `the belt counts as standing: ${where}: ${reason}`);
  };
}
