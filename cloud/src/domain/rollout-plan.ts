import type { RolloutPlan } from '@pomona/wire';

/** How many stations each wave has; together `stations`. */
export function waveSizes(plan: Pick<RolloutPlan, 'canary' | 'waves'>, stations: number): readonly number[] {
  const sizes: number[] = [];
  let left = stations;
  const take = (size: number) => {
    const taken = Math.min(Math.max(1, Math.floor(size)), left);
    if (taken > 0) sizes.push(taken);
    left -= taken;
  };
  if (plan.canary > 0) take(plan.canary < 1 ? Math.ceil(plan.canary * stations) : plan.canary);
  const { base, factor, max } = plan.waves;
  for (let size = base; left > 0; size = Math.min(size * factor, max)) take(Math.min(size, max));
  return sizes;
}

/** A number of stations from 1 is itself, below 1 it is a share of all, rounded down. */
export function failureLimit(plan: Pick<RolloutPlan, 'failuresMax'>, stations: number): number {
  return Math.floor(plan.failuresMax < 1 ? plan.failuresMax * stations : plan.failuresMax);
}
