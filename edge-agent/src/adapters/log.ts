import { writeSync } from 'node:fs';
import { systemErrorCode } from '@pomona/wire';
import { type Logger, pino } from 'pino';

const labels: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
};
const stderr = 2;

/** Lines on standard error: JSON for machines, or one readable line per entry. */
export function createLog(level: string, json: boolean): Logger {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  const write = (line: string): void => writeIfPossible(json ? line : readable(line));
  return pino(options, { write });
}

/** A disk that is full under the log's file, or a reader that is gone, costs its lines and stops no line of fruit. */
function writeIfPossible(text: string): void {
  try {
    writeSync(stderr, text);
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
  }
}

/** `12:00:00.000 warn  the line's camera stopped  detail=…` */
function readable(line: string): string {
  const { level, time, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const shown = Object.entries(fields).map(([name, value]) => `  ${name}=${textOf(value)}`);
  const label = (labels[Number(level)] ?? String(level)).padEnd(5);
  return `${String(time).slice(11, 23)} ${label} ${msg}${shown.join('')}\n`;
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && value !== null && 'stack' in value) return String(value.stack);
  return JSON.stringify(value);
}

const causesMax = 200;

/** What was quiet for so long and comes back is another time. */
const againMs = 600_000;

/** The same trouble may come with every fruit; a person needs to hear of it once each time. `nowMs` is monotonic. */
export function oncePerCause(log: Logger, nowMs: () => number): (code: string, message: string) => void {
  const heardAtMs = new Map<string, number>();
  return (code, message) => {
    const cause = `${code} ${message}`;
    const isKnown = nowMs() - (heardAtMs.get(cause) ?? Number.NEGATIVE_INFINITY) < againMs;
    if (heardAtMs.size >= causesMax) heardAtMs.clear();
    heardAtMs.set(cause, nowMs());
    if (isKnown) log.debug({ code }, message);
    else log.warn({ code }, message);
  };
}
