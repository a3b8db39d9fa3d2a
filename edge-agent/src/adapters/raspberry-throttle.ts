/**
 * Whether a Raspberry Pi slows itself down. Its firmware answers `vcgencmd get_throttled` with `throttled=0x50005`: bits
 * 0 to 3 are true now, bits 16 to 19 were since boot (raspberrypi.com/documentation/computers/os.html#vcgencmd).
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { systemErrorCode, type Throttled, throttleCauses } from '@pomona/wire';

const run = promisify(execFile);
const timeoutMs = 2_000;
const sinceBootBit = 16;

/** Asks anew at each call; null where there is no such program, or it does not get an answer. */
export function throttledOf(program: string): () => Promise<Throttled | null> {
  let isMissing = false;
  return async () => {
    if (isMissing) return null;
    try {
      const { stdout } = await run(program, ['get_throttled'], { timeout: timeoutMs, maxBuffer: 4_096 });
      return parseThrottled(stdout);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      // It will not appear while this process runs; a program that failed may do better the next time.
      isMissing = systemErrorCode(error) === 'ENOENT';
      return null;
    }
  };
}

function parseThrottled(text: string): Throttled | null {
  const digits = /^throttled=0x([0-9a-f]{1,8})\s*$/i.exec(text)?.[1];
  if (digits === undefined) return null;
  const bits = Number.parseInt(digits, 16);
  const set = (from: number) => throttleCauses.filter((_, bit) => (bits >>> (from + bit)) & 1);
  return { now: set(0), sinceBoot: set(sinceBootBit) };
}
