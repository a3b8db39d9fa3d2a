/** What the grading worker and the thread that drives the outlets say to each other. */
import type { OutletConfig } from '@pomona/firmware-config';
import type { GateState } from '@pomona/wire';
import type { Shot } from './gate.ts';

export interface GateThreadSetup {
  readonly config: OutletConfig;
  readonly gateDistanceMm: number;
}

export type ToGates =
  | { readonly kind: 'shot'; readonly shot: Shot }
  | { readonly kind: 'belt'; readonly encoderMm: number; readonly capturedAtMs: number }
  | { readonly kind: 'sees' }
  | { readonly kind: 'stop' };

export type FromGates =
  | { readonly kind: 'state'; readonly state: GateState }
  | { readonly kind: 'trouble'; readonly code: string; readonly message: string };
