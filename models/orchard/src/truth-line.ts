import type { PassingFruit } from './line.ts';

/** What a line of the truth file says about one fruit that has passed. Shares are of the fruit's surface. */
export interface TruthLine {
  readonly id: number;
  readonly lane: number;
  /** Encoder position at which the fruit's centre was at the camera's exit edge. */
  readonly positionMm: number;
  readonly grade: string;
  readonly defectShare: number;
  readonly rotShare: number;
  readonly clear: boolean;
  readonly diameterMm: number;
  readonly variety: string;
}

export function truthLine(passing: PassingFruit): TruthLine {
  const { id, lane, positionMm, fruit, photographed } = passing;
  const { truth, diameterMm, variety } = fruit;
  if (photographed !== undefined) {
    // Nobody measured its defects: only the fruit's condition is known.
    const { name, grade } = photographed.fruit;
    return {
      id,
      lane,
      positionMm,
      grade,
      defectShare: 0,
      rotShare: 0,
      clear: true,
      diameterMm,
      variety: name,
    };
  }
  return {
    id,
    lane,
    positionMm,
    grade: truth.grade,
    defectShare: truth.defectShare,
    rotShare: truth.shares.rot,
    clear: truth.clear,
    diameterMm,
    variety,
  };
}
