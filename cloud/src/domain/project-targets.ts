import type { ProjectTargets } from '@pomona/wire';
import { defaultImageLimits } from './image-limits.ts';

/** Until someone sets others. */
export const defaultTargets: Required<Omit<ProjectTargets, 'maxErrorCost'>> = {
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
