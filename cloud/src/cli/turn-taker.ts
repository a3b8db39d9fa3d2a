/** A program that measures itself once for each line that it is given, so that it takes turns with others: it answers each with a number on a line. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';

export interface TurnTaker {
  /** Runs it once more; with nobody else at work. */
  turn(): Promise<number>;
  stop(): Promise<void>;
}

const stderrMax = 2_000;

/** Waits between its turns, and ends when it is given no more lines. `args`: of Node.js, the program first. */
export function startTurnTaker(
  args: readonly string[],
  signal: AbortSignal,
  env: Readonly<Record<string, string>> = {},
): TurnTaker {
  const child = spawn(process.execPath, args, { signal, env: { ...process.env, ...env } });
  // It may end before it was asked anything: that is told by the turn.
  child.stdin.on('error', () => {});
  const ended = once(child, 'close').catch(() => signal.throwIfAborted());
  const told = text(child.stderr);
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    turn: async () => {
      child.stdin.write('\n');
      const { value, done } = await answers.next();
      if (done !== true) return Number(value);
      signal.throwIfAborted();
      throw new Error((await told).trim().slice(-stderrMax) || 'it ended before its turn');
    },
    stop: async () => {
      child.stdin.end();
      await ended;
    },
  };
}

/** A b c, a b c: medians of so many turns of each, after some of each that warm up. */
export async function inTurns(
  takers: readonly TurnTaker[],
  rounds: number,
  warmUpRounds = 1,
): Promise<number[]> {
  const figures: number[][] = takers.map(() => []);
  for (let round = -warmUpRounds; round < rounds; round++) {
    for (const [i, taker] of takers.entries()) {
      const figure = await taker.turn();
      if (round >= 0) figures[i]!.push(figure);
    }
  }
  return figures.map((each) => each.sort((a, b) => a - b)[Math.floor(rounds / 2)]!);
}
