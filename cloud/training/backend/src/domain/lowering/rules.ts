import { arithmeticRules } from './arithmetic.ts';
import { convolutionRules } from './convolutions.ts';
import { depthwiseRules } from './depthwise-convolutions.ts';
import { functionRules } from './functions.ts';
import { matrixRules } from './matrices.ts';
import { poolingRules } from './pooling.ts';
import { reductionRules } from './reductions.ts';
import type { Rules } from './rule.ts';
import { shapeRules } from './shapes.ts';

/** Every kernel that the backend can lower, by its name in TensorFlow.js. */
export const rules: Rules = {
  ...arithmeticRules,
  ...functionRules,
  ...reductionRules,
  ...shapeRules,
  ...matrixRules,
  ...convolutionRules,
  ...depthwiseRules,
  ...poolingRules,
};
