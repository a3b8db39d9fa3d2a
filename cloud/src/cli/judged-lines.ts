import { scenarioNames } from '@pomona/orchard';

/** The line as it usually is, beside the scenarios. */
export const usualLine = 'usual';

export const judgedLines: readonly string[] = [usualLine, ...scenarioNames];
