/**
 * Simulated stations, as a child process with a message channel: `pomona sim` and the benches tell it what to do, one
 * order after the other, and it answers each and says its figures twice a second. It ends when it is told to, or when
 * whoever started it has ended.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAppError, type SimOrder, type SimSaid, seededRandom } from '@pomona/wire';
import { onlyOnce } from './domain/only-once.ts';
import { SimFleet } from './sim-fleet.ts';

const figuresMs = 500;
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
const folder = mkdtempSync(join(tmpdir(), 'pomona-sim-'));
const told = new Set<string>();
const fleet = new SimFleet({
  ...{ folder, version, random: seededRandom(process.pid, 'sim') },
  onTrouble: (code, message) => {
    if (!told.has(code)) say({ kind: 'trouble', code, message });
    told.add(code);
  },
});
const figures = setInterval(() => say({ kind: 'figures', figures: fleet.figures() }), figuresMs);

/** Told to end, or left alone, or both: whoever comes second waits for the same end. */
const end = onlyOnce(async () => {
  clearInterval(figures);
  try {
    // Its stations say goodbye before the channel closes, and their last figures are told.
    await fleet.stop();
    say({ kind: 'figures', figures: fleet.figures() });
    say({ kind: 'done', order: 'stop' });
  } catch (error) {
    process.exitCode = 1;
    process.stderr.write(`the simulated stations did not end well: ${String(error)}\n`);
  } finally {
    if (process.connected) process.disconnect();
  }
});

// Ctrl-C reaches the whole group of processes; who started this one says when it ends.
process.on('SIGINT', () => undefined);
process.once('disconnect', () => void end());
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
process.on('message', (order: SimOrder) => {
  carryOut(order).catch((error: unknown) => {
    const code = isAppError(error) ? error.code : 'sim-failed';
    const message = error instanceof Error ? error.message : String(error);
    say({ kind: 'failed', order: order.kind, code, message, hint: isAppError(error) ? error.hint : '' });
  });
});

async function carryOut(order: SimOrder): Promise<void> {
  switch (order.kind) {
    case 'enrol':
      await fleet.enrol(order.claims);
      return say({ kind: 'done', order: order.kind });
    case 'connect':
      return say({ kind: 'done', order: order.kind, tookMs: await fleet.connect() });
    case 'connect-bare':
      return say({ kind: 'done', order: order.kind, tookMs: await fleet.connectBare(order.url) });
    case 'fetch':
      return say({ kind: 'done', order: order.kind, tookMs: await fleet.fetch(order.url, order.bytes) });
    case 'grade':
      fleet.grade(order.fruitsPerS);
      return say({ kind: 'done', order: order.kind });
    case 'stop':
      return end();
  }
}

function say(message: SimSaid): void {
  if (process.connected) process.send?.(message);
}
