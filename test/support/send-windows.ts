import { type DrawnLine, drawWindows, type TestStation } from '@pomona/cloud/testing';

const windowMs = 100_000;

/** Windows of 500 fruits of one line after the other, the last of them just ended; `parts`: how many, of which line. */
export async function sendWindows(
  station: TestStation,
  parts: readonly { readonly windows: number; readonly line: DrawnLine }[],
): Promise<void> {
  const total = parts.reduce((sum, { windows }) => sum + windows, 0);
  const nowMs = Date.now();
  let seq = 0;
  for (const { windows, line } of parts)
    for (const window of drawWindows(windows, 500, 10 + seq, line, 1_000 + seq)) {
      const [from, to] = [seq, ++seq].map((n) => new Date(nowMs - windowMs * (total - n)).toISOString());
      await station.send('drift', { ...window, at: to!, from: from!, to: to! });
    }
}
