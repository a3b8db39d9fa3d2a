/**
 * Talks like the grading worker and hangs soon after it was told to run: in its first life altogether, in its second with a
 * frame that it never finishes. Then it lives.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { FromLine, LineSetup, ToLine } from '../domain/line-messages.ts';

const port = parentPort!;
const say = (message: FromLine): void => port.postMessage(message);
// The outbox's sequence counter is shared memory that outlives this thread: it counts the lives here.
const lives = new BigInt64Array((workerData as LineSetup).outbox.counter);
const never = new Int32Array(new SharedArrayBuffer(4));
const figuresEveryMs = 20;
let frames = 0;
let frameForMs = 0;

port.on('message', (message: ToLine) => {
  if (message.kind === 'stop') process.exit();
  if (message.kind !== 'run') return;
  say({ kind: 'running', release: message.release.ref });
  const life = Number(Atomics.add(lives, 0, 1n));
  if (life === 0) setTimeout(() => Atomics.wait(never, 0, 0), 3 * figuresEveryMs);
  setInterval(() => {
    if (life === 1) frameForMs += 1_000;
    else frames++;
    sayFigures();
  }, figuresEveryMs);
});
say({ kind: 'ready' });

function sayFigures(): void {
  say({
    kind: 'figures',
    figures: {
      framesPerSecond: 12,
      droppedFrames: 0,
      frameForMs,
      fruits: 0,
      missedDeadlines: 0,
      lostRecords: 0,
      latencyMs: { p50: 0, p99: 0 },
      release: { frames, fruits: 0, missedDeadlines: 0, unseen: 0, unusableViews: 0 },
      recent: undefined,
    },
  });
}
