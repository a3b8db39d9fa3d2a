/** How large a fruit is: the diameter of its equator, of which a sizer and a standard speak, out of the ellipses of its views. */
import type { FruitBlob, LineGeometry } from '@pomona/grading';

/**
 * So far outside of a fruit its outline is found: the limits of the belt are narrow, so that a pixel at the rim counts as fruit of which
 * a tenth is fruit, and the outline is drawn around it as around one that is half. Measured on drawn fruit.
 */
const rimPx = 0.36;
/** An outline shows a fruit's widest girth, which lobes and shoulders make so much wider than the equator is in the mean (drawn fruit). */
const equatorShare = 0.99;
/**
 * Where a fruit lies on its side its ellipse is as flat as the fruit is; seen along its stem it shows its equator. So a view counts by
 * this power of its roundness: a ratio of axes of 0.9 hardly beside a round one.
 */
const roundViewPower = 40;

/** Writes to `view` what one view says, whose fitted ellipse has these semi-axes. */
export function measureEquator(
  { semiMajorPx, semiMinorPx }: Pick<FruitBlob, 'semiMajorPx' | 'semiMinorPx'>,
  { mmPerPx }: Pick<LineGeometry, 'mmPerPx'>,
  view: { diameterMm: number; roundness: number },
): void {
  view.diameterMm = equatorShare * (semiMajorPx + semiMinorPx - 2 * rimPx) * mmPerPx;
  view.roundness = semiMinorPx / semiMajorPx;
}

/** What that view counts, by its smaller axis as a share of the larger: above 0, 1 at most. */
export function equatorWeight(roundness: number): number {
  return roundness ** roundViewPower;
}
