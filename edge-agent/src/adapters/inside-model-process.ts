/** In a process that `openModelProcess` started. */
import { readdirSync, writeFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { systemErrorCode } from '@pomona/wire';

/** It lives as long as the agent does, and ends when the agent says so: signals to all processes of a terminal or a service are the agent's to act on. */
export function liveWithAgent(): void {
  process.once('disconnect', () => process.exit());
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
  if (process.platform === 'linux') goFirst();
}

/** When memory is short, proc_pid_oom_score_adj(5). A system that forbids it decides by itself. */
function goFirst(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', '1000');
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
  }
}

/** Of all of this process: Linux knows each thread as a task, and those to come take it from the one that begins them. */
export function takeLowestPriority(): void {
  const { PRIORITY_LOW } = constants.priority;
  // 0 is whoever asks.
  const tasks = process.platform === 'linux' ? readdirSync('/proc/self/task') : ['0'];
  for (const task of tasks) setPriority(Number(task), PRIORITY_LOW);
}

/** Resolves when the agent's side of the pipe has it. */
export function tellAgent(message: object): Promise<void> {
  return new Promise((resolve) => {
    // The agent is gone: so is this process, in a moment.
    if (process.send === undefined || !process.connected) return resolve();
    process.send(message, () => resolve());
  });
}
