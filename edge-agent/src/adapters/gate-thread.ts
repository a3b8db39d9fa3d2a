import { Worker } from 'node:worker_threads';
import type { GateState } from '@pomona/wire';
import type { LineGate } from '../domain/gate.ts';
import type { FromGates, GateThreadSetup, ToGates } from '../domain/gate-messages.ts';

const stopMs = 2_500;
const whyCharactersMax = 500;
const notYet: GateState = { connected: false, fired: 0, merged: 0, late: 0, failed: 0 };

/**
 * Outlets that are driven by a thread of their own. When that dies, so does this one, and both are started again: shots
 * without a thread to give them would be lost silently.
 */
export function openGateThread(
  setup: GateThreadSetup,
  onTrouble: (code: string, message: string) => void,
  workerFile = new URL('../gate-worker.js', import.meta.url),
): LineGate {
  const worker = new Worker(workerFile, { workerData: setup });
  const say = (message: ToGates): void => worker.postMessage(message);
  let state = notYet;
  let why: string | undefined;
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  worker.on('error', (error) => {
    throw new Error(`the thread of the outlets ended: ${error.message}`, { cause: error });
  });
  worker.on('message', (message: FromGates) => {
    if (message.kind === 'state') {
      state = message.state;
      if (state.connected) why = undefined;
      return;
    }
    if (message.code === 'gate-device') why = message.message.slice(0, whyCharactersMax);
    onTrouble(message.code, message.message);
  });
  return {
    shoot: (shot) => say({ kind: 'shot', shot }),
    observe: (encoderMm, capturedAtMs) => say({ kind: 'belt', encoderMm, capturedAtMs }),
    sees: () => say({ kind: 'sees' }),
    state: () => (why === undefined || state.connected ? state : { ...state, why }),
    async close() {
      say({ kind: 'stop' });
      const timer = setTimeout(() => void worker.terminate(), stopMs);
      await exited;
      clearTimeout(timer);
    },
  };
}
