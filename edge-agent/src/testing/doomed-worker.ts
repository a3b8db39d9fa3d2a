/**
 * Talks like the grading worker, and goes wrong as the gate's log is called: it dies once it runs and does not come up again,
 * or comes up and cannot run what it ran before, or lives and never gets a release of version 3 loaded.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { FromLine, LineSetup, ToLine } from '../domain/line-messages.ts';

const port = parentPort!;
const say = (message: FromLine): void => port.postMessage(message);
const { outbox, gate } = workerData as LineSetup;
// The outbox's sequence counter is shared memory that outlives this thread: it counts the lives here.
const isFirst = Atomics.add(new BigInt64Array(outbox.counter), 0, 1n) === 0n;
const called = gate.config.kind === 'log' ? gate.config.file : '';
const isSlow = called.endsWith('slow-to-load');

if (!isFirst && called.endsWith('does-not-come-up')) throw new Error('out of order');
port.on('message', (message: ToLine) => {
  if (message.kind === 'stop') port.close();
  if (message.kind !== 'run') return;
  const { ref } = message.release;
  if (isSlow && ref.version === 3) return;
  if (isFirst || isSlow) say({ kind: 'running', release: ref });
  else say({ kind: 'run-failed', release: ref, reason: 'the file is damaged' });
  if (isFirst && !isSlow) setImmediate(die);
});
say({ kind: 'ready' });

function die(): never {
  throw new Error('out of order');
}
