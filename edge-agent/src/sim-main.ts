/**
 * Simulated stations, as a child process with a message channel: `pomona sim` and the benches tell it what to do, one
 * order after the other, and it answers each and says its figures twice a second. It ends when it is told to, or when
 * whoever started it has ended.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Claim, isAppError, seededRandom } from '@pomona/wire';
import { SimFleet } from './sim-fleet.ts';

type Order =
  | { readonly kind: 'enrol'; readonly claims: readonly Claim[] }
  | { readonly kind: 'connect' }
  | { readonly kind: 'connect-bare'; readonly url: string }
  | { readonly kind: 'grade'; readonly fruitsPerS: number | 'flat-out' }
  | { readonly kind: 'stop' };

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

// Ctrl-C reaches the whole group of processes; who started this one says when it ends.
process.on('SIGINT', () => undefined);
process.once('disconnect', () => end());
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
process.on('message', (order: Order) => {
  carryOut(order).catch((error: unknown) => {
    const code = isAppError(error) ? error.code : 'sim-failed';
    const message = error instanceof Error ? error.message : String(error);
    say({ kind: 'failed', order: order.kind, code, message, hint: isAppError(error) ? error.hint : '' });
  });
});

async function carryOut(order: Order): Promise<void> {
  switch (order.kind) {
    case 'enrol':
      await fleet.enrol(order.claims);
      return say({ kind: 'done', order: order.kind });
    case 'connect':
      return say({ kind: 'done', order: order.kind, tookMs: await fleet.connect() });
    case 'connect-bare':
      return say({ kind: 'done', order: order.kind, tookMs: await fleet.connectBare(order.url) });
    case 'grade':
      fleet.grade(order.fruitsPerS);
      return say({ kind: 'done', order: order.kind });
    case 'stop':
      return end();
  }
}

async function end(): Promise<void> {
  clearInterval(figures);
  await fleet.stop();
  say({ kind: 'figures', figures: fleet.figures() });
  say({ kind: 'done', order: 'stop' });
  if (process.connected) process.disconnect();
  process.exitCode = 0;
}

function say(message: object): void {
  if (process.connected) process.send?.(message);
}
