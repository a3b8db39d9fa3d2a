/** A station without network may report a week later; a clock that is further off is not believed. */
const lateMaxMs = 30 * 86_400_000;

/**
 * When a station began to run what it reports: by its own word, unless its clock cannot be right, or it would have begun
 * before what it ran before, as after a rollback, when it goes on saying since when it first ran the release. Then it is when
 * the report came. Milliseconds since 1970.
 */
export function runBeganAtMs(
  since: string | undefined,
  receivedAtMs: number,
  beforeMs: number | undefined,
): number {
  const saidMs = since === undefined ? Number.NaN : Date.parse(since);
  const isLikely =
    saidMs <= receivedAtMs && saidMs >= receivedAtMs - lateMaxMs && saidMs > (beforeMs ?? -Infinity);
  const likelyMs = isLikely ? saidMs : receivedAtMs;
  // Rows are in the order of what happened, also where the control plane's own clock was set back.
  return Math.max(likelyMs, beforeMs ?? 0);
}
