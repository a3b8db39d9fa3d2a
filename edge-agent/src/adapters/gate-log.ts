import { closeSync, existsSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';
import { systemErrorCode } from '@pomona/wire';
import type { LineGate, Shot } from '../domain/gate.ts';

export interface GateLogOptions {
  readonly file: string;
  /** At this size the file is moved to `<file>.1`, over the one before. Default 16 MB, about a day. */
  readonly bytesMax?: number;
  /** Told once per cause when a shot could not be written. */
  readonly onTrouble: (code: string, message: string) => void;
}

/** Outlets of a line that has none: each shot is a line of JSON at the end of a file. */
export function openGateLog(options: GateLogOptions): LineGate {
  const { file, bytesMax = 16_000_000, onTrouble } = options;
  const told = new Set<string>();
  const tell = (error: unknown, what: string): void => {
    const code = systemErrorCode(error);
    if (code === undefined) throw error;
    if (told.has(code)) return;
    told.add(code);
    onTrouble('gate-log', `${what}: ${code}`);
  };
  /** A full disk takes a part of a line: the next begins on a line of its own. */
  let isTorn = false;
  let fd = -1;
  let bytes = 0;
  const open = (): void => {
    fd = openSync(file, 'a');
    bytes = fstatSync(fd).size;
  };
  try {
    open();
  } catch (error) {
    // A disk that can only be read may be mended; anything else is a wrong name.
    if (systemErrorCode(error) !== 'EROFS') throw error;
    tell(error, `no shot can be written to ${file}`);
  }

  const rotate = (): void => {
    // Missing when it was moved and no other could be opened, or when somebody else moved it.
    if (existsSync(file)) renameSync(file, `${file}.1`);
    const before = fd;
    open();
    closeSync(before);
    isTorn = false;
  };
  const write = (line: string): void => {
    const text = Buffer.from(isTorn ? `\n${line}` : line);
    let written = 0;
    try {
      while (written < text.byteLength) written += writeSync(fd, text, written);
      isTorn = false;
    } catch (error) {
      isTorn ||= written > 0;
      throw error;
    } finally {
      bytes += written;
    }
  };

  return {
    shoot(shot) {
      const line = `${lineOf(shot)}\n`;
      try {
        if (fd < 0) open();
        if (bytes + line.length > bytesMax) rotate();
      } catch (error) {
        // The shots go on into the file that is open.
        tell(error, fd < 0 ? `no shot can be written to ${file}` : `${file} could not be moved to ${file}.1`);
      }
      if (fd < 0) return;
      try {
        write(line);
      } catch (error) {
        tell(error, `a shot could not be written to ${file}`);
      }
    },
    observe: () => undefined,
    sees: () => undefined,
    state: () => undefined,
    async close() {
      if (fd >= 0) closeSync(fd);
      fd = -1;
    },
  };
}

/** JSON has no infinity: the belt of a fruit without a due time stands. */
function lineOf(shot: Shot): string {
  const { dueAtMs } = shot;
  return JSON.stringify({ ...shot, dueAtMs: Number.isFinite(dueAtMs) ? dueAtMs : null });
}
