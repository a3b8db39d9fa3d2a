import type { AreaLimit, RecipeAreas } from '@pomona/wire';

/** Of a fruit's skin, in the mean of its views, by its network's map of defects. */
export interface FruitAreas {
  readonly defectShare: number;
  readonly rotShare: number;
}

/** Skin on which a map sees nothing is not free of it: a share below this says no more than this one does. */
const shareMin = 2e-4;
/** No measure is surer than this. */
const probabilityMin = 1e-6;

/**
 * Logarithms of the labels' probabilities by the areas alone. A fruit is within all limits that its label asks for, and beyond one of
 * those of the next better label; each limit errs for itself.
 */
export function areaLogs({ defect, rot }: RecipeAreas, areas: FruitAreas): number[] {
  const withinRot = rot === undefined ? 1 : withinOf(rot, areas.rotShare);
  // Of being this label or a better one, from the best to the last but one.
  const within: number[] = [];
  let product = withinRot;
  for (const limit of defect.toReversed()) {
    product *= withinOf(limit, areas.defectShare);
    within.unshift(product);
  }
  return [...within, 1].map((upTo, label) =>
    Math.log(Math.max(probabilityMin, upTo - (label === 0 ? 0 : within[label - 1]!))),
  );
}

function withinOf({ at, steepness }: AreaLimit, share: number): number {
  return 1 / (1 + ((share + shareMin) / at) ** steepness);
}
