/**
 * Who may watch the line and change something there. A session is a cookie that scripts cannot read and other sites cannot send; it
 * is given for the PIN.
 */
import { randomBytes } from 'node:crypto';
import { isPin, type OperatorPageConfig } from '@pomona/firmware-config';
import { AppError } from '@pomona/wire';
import type { FastifyRequest } from 'fastify';
import type { Access } from '../domain/desk-view.ts';
import { OperatorSessions } from '../domain/operator-sessions.ts';
import { PinAttempts } from '../domain/pin-attempts.ts';
import type { Scheduler } from '../use-cases/scheduler.ts';

export class OperatorAccess {
  readonly #config: OperatorPageConfig;
  readonly #scheduler: Scheduler;
  readonly #sessions = new OperatorSessions();
  readonly #attempts = new PinAttempts();
  #isTrying = false;

  constructor(config: OperatorPageConfig, scheduler: Scheduler) {
    this.#config = config;
    this.#scheduler = scheduler;
  }

  of(request: FastifyRequest): Access & { readonly watching: OperatorPageConfig['watching'] } {
    const { pinHash, watching } = this.#config;
    return { hasPin: pinHash !== undefined, isSignedIn: this.isSignedIn(request), watching };
  }

  isSignedIn(request: FastifyRequest): boolean {
    return this.#sessions.isOpen(tokenOf(request), this.#scheduler.monotonicMs());
  }

  /** Throws `pin-needed`. */
  checkWatching(request: FastifyRequest): void {
    if (this.#config.watching === 'pin' && !this.isSignedIn(request)) throw pinNeeded();
  }

  /** Throws `pin-needed`. */
  checkActing(request: FastifyRequest): void {
    if (!this.#sessions.use(tokenOf(request), this.#scheduler.monotonicMs())) throw pinNeeded();
  }

  /** The cookie of a new session. Errors: `pin-not-set`, `pin-paused`, `pin-busy`, `pin-wrong`. */
  async signIn(pin: string, request: FastifyRequest): Promise<string> {
    const { pinHash } = this.#config;
    if (pinHash === undefined)
      throw new AppError('pin-not-set', 'this station has no PIN, so nothing can be changed here', {
        hint: 'See operatorPage.pinHash in firmware-config/README.md.',
      });
    const waitMs = this.#attempts.waitMs(this.#scheduler.monotonicMs());
    if (waitMs > 0) throw pinPaused(waitMs);
    // One at a time: a hash takes a moment of a small processor, and many at once would be many attempts.
    if (this.#isTrying)
      throw new AppError('pin-busy', 'another PIN is being checked', { hint: 'Type it again.' });
    this.#isTrying = true;
    try {
      if (!(await isPin(pinHash, pin))) {
        this.#attempts.wrong(this.#scheduler.monotonicMs());
        throw new AppError('pin-wrong', 'that is not the PIN', { hint: 'Ask who looks after the station.' });
      }
    } finally {
      this.#isTrying = false;
    }
    this.#attempts.right();
    const token = randomBytes(32).toString('base64url');
    this.#sessions.open(token, this.#scheduler.monotonicMs());
    return cookieOf(request, token);
  }

  signOut(request: FastifyRequest): string {
    this.#sessions.close(tokenOf(request));
    return `${cookieOf(request, '')}; Max-Age=0`;
  }
}

/** Browsers keep cookies by host alone: two stations on one machine must not end each other's session. */
function cookieName({ socket }: FastifyRequest): string {
  return `pomona-line-${socket.localPort}`;
}

function cookieOf(request: FastifyRequest, token: string): string {
  return `${cookieName(request)}=${token}; Path=/; HttpOnly; SameSite=Strict`;
}

function tokenOf(request: FastifyRequest): string {
  const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim().split('='));
  return pairs.find(([name]) => name === cookieName(request))?.[1] ?? '';
}

function pinNeeded(): AppError {
  return new AppError('pin-needed', 'the PIN is needed for that', { hint: 'Type it first.' });
}

function pinPaused(waitMs: number): AppError {
  return new AppError('pin-paused', `too many wrong PINs; try again in ${Math.ceil(waitMs / 1_000)} s`, {
    hint: 'Wait, then type it slowly.',
  });
}
