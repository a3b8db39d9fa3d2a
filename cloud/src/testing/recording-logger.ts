import type { Logger } from '../use-cases/ports.ts';

/** A logger that keeps what it was told, so that a test can read it. */
export class RecordingLogger implements Logger {
  readonly lines: { readonly level: string; readonly fields: object; readonly message: string }[] = [];
  readonly debug = this.#level('debug');
  readonly info = this.#level('info');
  readonly warn = this.#level('warn');
  readonly error = this.#level('error');

  #level(level: string): (fields: object, message: string) => void {
    return (fields, message) => {
      this.lines.push({ level, fields, message });
    };
  }
}
