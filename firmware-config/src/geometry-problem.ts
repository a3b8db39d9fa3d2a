import type { Geometry } from './station-config.ts';

/** So many pixels the smallest fruit has at least. */
const fruitPxMin = 8;

/** Measures by which no fruit could be graded, of the configuration or of a calibration: undefined when all is well. Before it is calibrated a station may be configured with any. */
export function geometryProblem({
  frameWidthPx,
  frameHeightPx,
  mmPerPx,
  lanes,
  fruitDiameterMinMm,
  fruitDiameterMaxMm,
}: Geometry): string | undefined {
  const by = `by geometry.mmPerPx ${mmPerPx}`;
  const viewMm = frameWidthPx * mmPerPx;
  if (viewMm < fruitDiameterMaxMm)
    return `${by} the picture shows ${inWords(viewMm)} mm of belt, and fruit up to ${fruitDiameterMaxMm} mm has to lie in it`;
  const laneMm = (frameHeightPx * mmPerPx) / lanes;
  if (laneMm < fruitDiameterMinMm)
    return `${by} each of ${lanes} lanes is ${inWords(laneMm)} mm wide, and the smallest fruit ${fruitDiameterMinMm} mm`;
  const fruitPx = fruitDiameterMinMm / mmPerPx;
  if (fruitPx < fruitPxMin)
    return `${by} the smallest fruit (${fruitDiameterMinMm} mm) has ${inWords(fruitPx)} pixels, ${fruitPxMin} are needed`;
  return undefined;
}

function inWords(value: number): string {
  return String(Number(value.toPrecision(3)));
}
