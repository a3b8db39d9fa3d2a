/** How well scores order what is of a class above what is not. */
export interface Ranking {
  /** Area under the ROC curve: how often one of the class scores above another; ties count half (Hanley and McNeil 1982). */
  readonly auc: number;
  /** Mean over the class of the precision down to each of its scores, the area under the precision-recall curve. */
  readonly averagePrecision: number;
}

/** Undefined without cases on both sides. */
export function rankingOf(scores: readonly number[], isOfClass: readonly boolean[]): Ranking | undefined {
  const order = scores.map((_, at) => at).sort((a, b) => scores[b]! - scores[a]!);
  const total = isOfClass.filter(Boolean).length;
  const others = scores.length - total;
  if (total === 0 || others === 0) return undefined;
  let [found, passed, won, precision] = [0, 0, 0, 0];
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to < order.length && scores[order[to]!] === scores[order[from]!]) to++;
    const hits = order.slice(from, to).filter((at) => isOfClass[at]).length;
    const misses = to - from - hits;
    won += hits * (others - passed - misses) + (hits * misses) / 2;
    found += hits;
    passed += misses;
    precision += (hits * found) / (found + passed);
    from = to;
  }
  return { auc: won / (total * others), averagePrecision: precision / total };
}
