/** The curves whose areas `rankingOf` gives, thinned to what a drawing needs. */
export interface RankingCurves {
  /** [share of the others, share of the class] that score at least so much, from [0, 0] to [1, 1]. */
  readonly roc: [number, number][];
  /** [recall, precision], from the highest score on. */
  readonly pr: [number, number][];
}

const pointsMax = 50;

/** At most 50 points each, of four digits. Undefined without cases on both sides. */
export function rankingCurvesOf(
  scores: readonly number[],
  isOfClass: readonly boolean[],
): RankingCurves | undefined {
  const order = scores.map((_, at) => at).sort((a, b) => scores[b]! - scores[a]!);
  const total = isOfClass.filter(Boolean).length;
  const others = scores.length - total;
  if (total === 0 || others === 0) return undefined;
  const roc: [number, number][] = [[0, 0]];
  const pr: [number, number][] = [];
  let [found, passed] = [0, 0];
  order.forEach((at, i) => {
    if (isOfClass[at]) found++;
    else passed++;
    // Cases of one score are told apart by nothing.
    if (i + 1 < order.length && scores[order[i + 1]!] === scores[at]) return;
    roc.push([passed / others, found / total]);
    pr.push([found / total, found / (found + passed)]);
  });
  return { roc: thinned(roc), pr: thinned(pr) };
}

/** Spread evenly along the curve as it is drawn, both ends kept: of a steep piece more stays than of a flat one by number. */
function thinned(points: readonly [number, number][]): [number, number][] {
  const along = [0];
  for (let i = 1; i < points.length; i++) {
    const [[x0, y0], [x1, y1]] = [points[i - 1]!, points[i]!];
    along.push(along[i - 1]! + Math.hypot(x1 - x0, y1 - y0));
  }
  const step = along.at(-1)! / (pointsMax - 1);
  const kept = points.filter((_, i) => {
    const isEnd = i === 0 || i === points.length - 1;
    return isEnd || Math.floor(along[i]! / step) > Math.floor(along[i - 1]! / step);
  });
  return kept.map(([x, y]) => [rounded(x), rounded(y)]);
}

function rounded(share: number): number {
  return Number(share.toFixed(4));
}
