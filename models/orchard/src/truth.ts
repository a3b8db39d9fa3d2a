/** What can be wrong with a fruit. The order gives the number under which a texel is marked; 0 is sound skin. */
export const defectKinds = ['bruise', 'rot', 'scab', 'russet', 'crack', 'track', 'speck'] as const;
export type DefectKind = (typeof defectKinds)[number];

export type TrueGrade = 'good' | 'ok' | 'bad';
export const trueGrades: readonly TrueGrade[] = ['good', 'ok', 'bad'];

/** Limits of defect area as shares of the surface: below the first good, to the second ok, above bad; rot has its own. */
export const goodShareMax = 0.02;
export const okShareMax = 0.1;
export const rotShareMax = 0.01;
/** A fruit is clear when no limit is within this share of itself. */
const clearMargin = 0.25;

export interface FruitTruth {
  readonly grade: TrueGrade;
  /** All defects together, and each kind, as shares of the fruit's surface. */
  readonly defectShare: number;
  readonly shares: Readonly<Record<DefectKind, number>>;
  /** Whether grading it should be beyond dispute: no area within a quarter of a limit that could change its grade. */
  readonly clear: boolean;
}

export function truthOf(shares: Readonly<Record<DefectKind, number>>): FruitTruth {
  const defectShare = defectKinds.reduce((sum, kind) => sum + shares[kind], 0);
  const nearLimit =
    isNear(defectShare, goodShareMax) || isNear(defectShare, okShareMax) || isNear(shares.rot, rotShareMax);
  return { grade: gradeOfShares(defectShare, shares.rot), defectShare, shares, clear: !nearLimit };
}

export function gradeOfShares(defectShare: number, rotShare: number): TrueGrade {
  if (rotShare > rotShareMax || defectShare > okShareMax) return 'bad';
  return defectShare < goodShareMax ? 'good' : 'ok';
}

function isNear(share: number, limit: number): boolean {
  return Math.abs(share - limit) <= clearMargin * limit;
}
