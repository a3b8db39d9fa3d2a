/**
 * Carries out what `step` decides: one event after the other, the state on disk before any action, one piece of work at
 * a time. Nothing that goes wrong here stops what the line is running.
 */
import { type Desired, isAppError, systemErrorCode } from '@pomona/wire';
import { step } from '../domain/update.ts';
import type { Action, UpdateEvent, Work } from '../domain/update-events.ts';
import { emptyUpdateState, type Running, type UpdateState } from '../domain/update-state.ts';
import { wait } from './scheduler.ts';
import type { UpdateJournal } from './update-ports.ts';
import { doWork, runVerified, type WorkPorts } from './update-work.ts';

export interface UpdatePorts extends Omit<WorkPorts, 'onProgress'> {
  readonly journal: UpdateJournal;
  /** Every change of the state; `progress` alone when only the number of bytes has grown. */
  readonly onChange: (state: UpdateState, progress: boolean) => void;
  readonly onTrouble: (code: string, message: string) => void;
}

/** The disk may have room again. */
const journalRetryMs = 5_000;
const stopPatienceMs = 500;

/**
 * Failures that pass by themselves although nobody marked them so: a clock that is set, a disk that is emptied or mended, a board
 * without room for one more process, metadata that was read while its keys were changed, or that an attacker stood in for. Refusing again costs three small files.
 */
const passingCodes = new Set([
  ...['trust-expired', 'trust-refused', 'trust-rollback'],
  ...['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EMFILE'],
  ...['ENOMEM', 'EAGAIN'],
]);

export class UpdateRunner {
  readonly #ports: UpdatePorts;
  #state: UpdateState = emptyUpdateState;
  readonly #stopping = new AbortController();
  #events: Promise<void> = Promise.resolve();
  #work: { readonly ending: AbortController; readonly done: Promise<void> } | undefined;

  constructor(ports: UpdatePorts) {
    this.#ports = ports;
  }

  get state(): UpdateState {
    return this.#state;
  }

  /** Before anything else; after it `state` is what a former life left. */
  async load(): Promise<void> {
    this.#state = await this.#ports.journal.load();
  }

  /** Resolves when what ran before runs again, as far as it can. */
  start(): Promise<void> {
    return this.#dispatch({ kind: 'started' });
  }

  /** `desired` was proven to come from the control plane and to be for this station. */
  desired(desired: Desired): Promise<void> {
    return this.#dispatch({ kind: 'desired', desired });
  }

  /** Work that cannot be interrupted is left behind after a moment: the next start takes it up from its beginning. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the agent stops'));
    const ended = this.#stopWork().then(() => this.#events);
    await new Promise<void>((resolve) => {
      const cancel = this.#ports.scheduler.after(stopPatienceMs, resolve);
      void ended.finally(() => {
        cancel();
        resolve();
      });
    });
  }

  #dispatch(event: UpdateEvent): Promise<void> {
    this.#events = this.#events.then(() => this.#handle(event));
    return this.#events;
  }

  async #handle(event: UpdateEvent): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    const before = this.#state;
    const { state, actions } = step(before, event, this.#ports.scheduler.nowMs());
    const progress = event.kind === 'progress';
    // A full disk keeps no line from running what it ran: that it did once more is then not counted.
    const mayWait =
      event.kind === 'started' && actions.every(({ kind }) => kind === 'run' || kind === 'restore');
    if (state !== before && !progress && !(await this.#save(state, mayWait))) return;
    this.#state = state;
    if (state !== before || event.kind === 'started') this.#ports.onChange(state, progress);
    for (const action of actions) await this.#perform(action);
  }

  /** False when the agent stops before it could be saved. On a full disk what `mayWait` is saved with the next state. */
  async #save(state: UpdateState, mayWait: boolean): Promise<boolean> {
    const { journal, onTrouble, scheduler } = this.#ports;
    for (;;) {
      try {
        await journal.save(state);
        return true;
      } catch (error) {
        onTrouble('journal-write', messageOf(error));
        if (mayWait && ['ENOSPC', 'EDQUOT', 'EROFS'].includes(systemErrorCode(error) ?? '')) return true;
      }
      try {
        await wait(scheduler, journalRetryMs, this.#stopping.signal);
      } catch (error) {
        if (this.#stopping.signal.aborted) return false;
        throw error;
      }
    }
  }

  async #perform(action: Action): Promise<void> {
    switch (action.kind) {
      case 'stop-work':
        return this.#stopWork();
      case 'restore':
        return this.#handle(await this.#restore(action.running));
      case 'set-recipe':
        return this.#setRecipe(action.recipe);
      case 'clean':
        return this.#clean(action.keep);
      default:
        return this.#begin(action);
    }
  }

  async #begin(work: Work): Promise<void> {
    await this.#stopWork();
    const ending = new AbortController();
    if (this.#stopping.signal.aborted) return;
    const ports: WorkPorts = {
      ...this.#ports,
      onProgress: (fetchedBytes, reusedBytes) =>
        this.#later(ending, { kind: 'progress', fetchedBytes, reusedBytes }),
    };
    const done = doWork(work, ports, ending.signal)
      .catch((error: unknown) => failureOf(error))
      .then((event) => this.#later(ending, event));
    this.#work = { ending, done };
  }

  /** An event of work that was stopped meanwhile says nothing about what is wanted now. */
  #later(ending: AbortController, event: UpdateEvent): void {
    this.#events = this.#events.then(async () => {
      if (!ending.signal.aborted) await this.#handle(event);
    });
  }

  async #stopWork(): Promise<void> {
    const work = this.#work;
    this.#work = undefined;
    work?.ending.abort(new Error('something newer is desired'));
    await work?.done;
  }

  async #restore(running: Running): Promise<UpdateEvent> {
    const { name, version, digest } = running.release;
    try {
      await runVerified(running, this.#ports);
      return { kind: 'restored' };
    } catch (error) {
      this.#ports.onTrouble('release-restore', `${name} ${version}: ${messageOf(error)}`);
      return { kind: 'restore-failed', digest };
    }
  }

  async #setRecipe(recipe: Running['recipe']): Promise<void> {
    const never = new AbortController();
    try {
      await this.#ports.line.setRecipe(recipe);
      this.#later(never, { kind: 'recipe-set', recipe });
    } catch (error) {
      this.#later(never, { kind: 'recipe-refused', recipe, reason: messageOf(error) });
    }
  }

  async #clean(keep: readonly string[]): Promise<void> {
    try {
      const beside = this.#state.desired?.shadow?.release.digest;
      await this.#ports.store.keepOnly(beside === undefined ? keep : [...keep, beside]);
    } catch (error) {
      // What is left over takes room and does no harm; the next cleaning takes it along.
      this.#ports.onTrouble('release-clean', messageOf(error));
    }
  }
}

export function failureOf(error: unknown): UpdateEvent {
  const code = isAppError(error) ? error.code : systemErrorCode(error);
  const retryable = (isAppError(error) && error.retryable) || (code !== undefined && passingCodes.has(code));
  return { kind: 'failed', reason: messageOf(error), retryable };
}

function messageOf(error: unknown): string {
  if (isAppError(error)) return `${error.message} (${error.code}). ${error.hint}`;
  return error instanceof Error ? error.message : String(error);
}
