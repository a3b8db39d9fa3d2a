/** Fruits are counted by ten seconds and grade, so that the overview reads a few hundred rows and never the fruits. */
export const rollupMs = 10_000;

export function bucketOf(atMs: number): number {
  return Math.floor(atMs / rollupMs) * rollupMs;
}

/**
 * When a fruit counts as graded. A device's clock may be wrong: it cannot have graded a fruit after we received it, and a
 * clock that it calls unsynchronised says nothing at all.
 */
export function countedAtMs(atMs: number, receivedAtMs: number, clockSynced: boolean): number {
  return clockSynced ? Math.min(atMs, receivedAtMs) : receivedAtMs;
}
