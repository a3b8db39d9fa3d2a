import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { AppError, type SimFigures, type SimOrder, type SimSaid } from '@pomona/wire';

/** The stations are the agent's code, which is not ours to import. */
const program = fileURLToPath(new URL('../../../edge-agent/dist/sim-main.js', import.meta.url));
const pollMs = 50;

/** Simulated stations in a process of their own. */
export interface SimProcess {
  readonly figures: SimFigures;
  /** Carries out one order and resolves with the milliseconds that it took, where that is measured. */
  order(order: SimOrder): Promise<number>;
  /** Resolves when the figures are so; rejects when the process ends, or after `withinMs`. */
  until(isSo: (figures: SimFigures) => boolean, withinMs: number, what: string): Promise<SimFigures>;
  /** Ends the grading and resolves when every fruit was acknowledged. */
  settle(withinMs: number): Promise<SimFigures>;
  /** Says goodbye for every station; may be called twice. */
  stop(): Promise<void>;
}

const noFigures: SimFigures = {
  ...{ atMs: 0, enrolled: 0, connected: 0, active: {}, updates: {} },
  ...{ made: 0, acknowledged: 0, waiting: 0, dropped: 0, rssMb: 0 },
};

/** Troubles of stations come once per kind. An order that fails rejects with the agent's own error. */
export function startSim(
  onTrouble: (code: string, message: string) => void,
  signal: AbortSignal,
): SimProcess {
  // Detached: a Ctrl-C in the terminal is ours to pass on, and would end the stations while they load. The channel ends them should this process die.
  const child = fork(program, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], detached: true });
  let figures = noFigures;
  let waiting: { resolve(tookMs: number): void; reject(error: Error): void } | undefined;
  let ended = false;
  const settle = (): typeof waiting => {
    const one = waiting;
    waiting = undefined;
    return one;
  };
  const abort = (): void => settle()?.reject(signal.reason as Error);
  signal.addEventListener('abort', abort);
  child.on('message', (said: SimSaid) => {
    if (said.kind === 'figures') figures = said.figures;
    else if (said.kind === 'trouble') onTrouble(said.code, said.message);
    else if (said.kind === 'done') settle()?.resolve(said.tookMs ?? 0);
    else settle()?.reject(new AppError(said.code, said.message, { hint: said.hint }));
  });
  // An order to a process that has ended; its exit says so better, and comes too.
  child.on('error', (error) => settle()?.reject(error));
  child.once('exit', (code) => {
    ended = true;
    signal.removeEventListener('abort', abort);
    settle()?.reject(new Error(`the simulated stations ended with code ${code}`));
  });
  const sim: SimProcess = {
    get figures() {
      return figures;
    },
    async settle(withinMs) {
      await sim.order({ kind: 'grade', fruitsPerS: 0 });
      // What was said before counts fruits that were not made yet.
      const { atMs } = figures;
      const isSettled = (now: SimFigures) => now.atMs > atMs && now.made === now.acknowledged + now.dropped;
      return sim.until(isSettled, withinMs, 'the last acknowledgement');
    },
    order(order) {
      signal.throwIfAborted();
      return new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        child.send(order);
      });
    },
    async until(isSo, withinMs, what) {
      for (let leftMs = withinMs; !isSo(figures); leftMs -= pollMs) {
        signal.throwIfAborted();
        if (ended) throw new Error('the simulated stations have ended');
        if (leftMs <= 0) throw tooSlow(what, withinMs, figures);
        await new Promise((resolve) => setTimeout(resolve, pollMs));
      }
      return figures;
    },
    async stop() {
      if (ended) return;
      const exited = once(child, 'exit');
      if (child.connected) child.send({ kind: 'stop' } satisfies SimOrder);
      await exited;
    },
  };
  return sim;
}

function tooSlow(what: string, withinMs: number, figures: SimFigures): AppError {
  return new AppError('sim-too-slow', `${what} did not happen within ${withinMs / 1_000} s`, {
    hint: `Last seen: ${JSON.stringify(figures)}. Try again when the machine is not busy.`,
  });
}
