/** Who has typed the PIN: tokens that end when they were not used for a while, and at the end of a shift. */
const idleMsMax = 900_000;
const wholeMsMax = 12 * 3_600_000;
const sessionsMax = 16;

interface Session {
  readonly token: string;
  readonly endsAtMs: number;
  usedAtMs: number;
}

export class OperatorSessions {
  #sessions: Session[] = [];

  /** When there are too many the one that was not used for longest ends. */
  open(token: string, nowMs: number): void {
    this.#sessions.push({ token, endsAtMs: nowMs + wholeMsMax, usedAtMs: nowMs });
    if (this.#sessions.length <= sessionsMax) return;
    this.#sessions.sort((a, b) => b.usedAtMs - a.usedAtMs).pop();
  }

  /** Looking at the page does not keep a session alive; doing something does. */
  isOpen(token: string, nowMs: number): boolean {
    this.#sessions = this.#sessions.filter(
      ({ endsAtMs, usedAtMs }) => nowMs < endsAtMs && nowMs - usedAtMs < idleMsMax,
    );
    return this.#sessions.some((session) => session.token === token);
  }

  use(token: string, nowMs: number): boolean {
    if (!this.isOpen(token, nowMs)) return false;
    for (const session of this.#sessions) if (session.token === token) session.usedAtMs = nowMs;
    return true;
  }

  close(token: string): void {
    this.#sessions = this.#sessions.filter((session) => session.token !== token);
  }
}
