import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';
import { systemErrorCode } from '@pomona/wire';
import type { Gate, Shot } from '../domain/gate.ts';

export interface GateLogOptions {
  readonly file: string;
  /** At this size the file is moved to `<file>.1`, over the one before. Default 16 MB, about a day. */
  readonly bytesMax?: number;
  /** Told once per cause when a shot could not be written. */
  readonly onTrouble: (code: string, message: string) => void;
}

/** Outlets of a line that has none: each shot is a line of JSON at the end of a file. */
export function openGateLog(options: GateLogOptions): Gate {
  const { file, bytesMax = 16_000_000, onTrouble } = options;
  const told = new Set<string>();
  let fd = openSync(file, 'a');
  let bytes = fstatSync(fd).size;

  const rotate = (): void => {
    renameSync(file, `${file}.1`);
    const fresh = openSync(file, 'a');
    closeSync(fd);
    fd = fresh;
    bytes = 0;
  };

  return {
    shoot(shot) {
      const line = `${lineOf(shot)}\n`;
      try {
        if (bytes + line.length > bytesMax) rotate();
        bytes += writeSync(fd, line);
      } catch (error) {
        const code = systemErrorCode(error);
        if (code === undefined) throw error;
        if (told.has(code)) return;
        told.add(code);
        onTrouble('gate-log', `a shot could not be written to ${file}: ${code}`);
      }
    },
    close() {
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
