import type { ProjectTargets } from '@pomona/wire';
import { defaultImageLimits } from './image-limits.ts';

/** Until someone sets others. */
export const defaultTargets: Required<Omit<ProjectTargets, 'maxErrorCost' | 'retrainShadow'>> = {
  problem: 'Grade apples on the sorting line.',
  minMacroF1: 0.9,
  minRecall: 0.8,
  recallFloors: {},
  maxBadAsGood: 0.01,
  costs: {},
  maxLatencyMs: 100,
  boardSlowdown: 10,
  maxReleaseBytes: 16_777_216,
  minRetrainLabels: 60,
  autoApproveRetraining: false,
  keepVersions: 10,
  keepVersionDays: 90,
  imageLimits: defaultImageLimits,
};

export interface TargetChange {
  /** `imageLimits.minLuma` of a part. */
  readonly name: string;
  /** Undefined where it was not set. */
  readonly from: unknown;
  readonly to: unknown;
}

/** What is not the same in two versions of the targets, in their order. */
export function targetChanges(before: ProjectTargets, after: ProjectTargets): TargetChange[] {
  const [from, to] = [new Map(leavesOf(before)), new Map(leavesOf(after))];
  return [...new Set([...from.keys(), ...to.keys()])]
    .filter((name) => from.get(name) !== to.get(name))
    .map((name) => ({ name, from: from.get(name), to: to.get(name) }));
}

/** Grades that a floor or a cost names for the first time. */
export function newGradesOf(before: ProjectTargets, after: ProjectTargets): string[] {
  const old = new Set(gradesNamedIn(before));
  return [...new Set(gradesNamedIn(after))].filter((grade) => !old.has(grade));
}

function gradesNamedIn({ recallFloors, costs = {} }: ProjectTargets): string[] {
  const priced = Object.entries(costs).flatMap(([truth, row]) => [truth, ...Object.keys(row)]);
  return [...Object.keys(recallFloors), ...priced];
}

function leavesOf(value: object, before = ''): [string, unknown][] {
  return Object.entries(value).flatMap(([key, part]): [string, unknown][] =>
    typeof part === 'object' && part !== null
      ? leavesOf(part, `${before}${key}.`)
      : [[`${before}${key}`, part]],
  );
}
