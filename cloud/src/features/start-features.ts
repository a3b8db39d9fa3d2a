import type { Feature, FeatureContext } from './feature.ts';

/** In the order of their starts; they are stopped in the reverse order. */
export async function startFeatures(_context: FeatureContext): Promise<readonly Feature[]> {
  return [];
}
