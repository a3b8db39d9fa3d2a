import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** Never an argument: those can be seen by every user of the machine. */
export async function readPassword(): Promise<string> {
  const given = process.env.POMONA_PASSWORD;
  if (given !== undefined) return given;
  if (process.stdin.isTTY) process.stderr.write('Password (it will show): ');
  const lines = createInterface({ input: process.stdin });
  try {
    const [line] = (await Promise.race([once(lines, 'line'), once(lines, 'close')])) as [string?];
    return line ?? '';
  } finally {
    lines.close();
  }
}
