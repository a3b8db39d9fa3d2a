/** Bright round targets of known size on a dark belt, for calibrating a camera. Plain loops: it is done once, with the line standing. */
import type { Frame } from '@pomona/grading';

export interface Target {
  readonly xPx: number;
  readonly yPx: number;
  readonly diameterPx: number;
  /** Shorter axis by longer one. */
  readonly roundness: number;
  /** Area by that of the ellipse with its axes: 1 for a whole disc. */
  readonly fill: number;
  readonly touchesEdge: boolean;
}

export interface TargetsOnBelt {
  /** From the top of the picture down. */
  readonly targets: readonly Target[];
  /** Median of the whole picture, most of which is belt; 0..255. */
  readonly beltLuma: number;
  /** How much brighter the brightest two hundredths of a part are. */
  readonly contrast: number;
}

/** Less than that is a speck of light and no target. */
const pixelsMin = 300;
const brightShare = 0.005;

/** `data` uint8 [height, width, 3], RGB. What touches the picture's edge or is not round is among them: who asked judges. */
export function findTargets({
  width,
  height,
  data,
}: Pick<Frame, 'width' | 'height' | 'data'>): TargetsOnBelt {
  const luma = new Uint8Array(width * height);
  for (let i = 0; i < luma.length; i++)
    luma[i] = (77 * data[3 * i]! + 150 * data[3 * i + 1]! + 29 * data[3 * i + 2]!) >> 8;
  const sorted = luma.toSorted();
  const beltLuma = sorted[sorted.length >> 1]!;
  const bright = sorted[Math.floor(sorted.length * (1 - brightShare))]!;
  // Half way between both: there the edge of a target lies, however sharp it is.
  const limit = (beltLuma + bright) / 2;
  const targets: Target[] = [];
  const stack = new Int32Array(luma.length);
  for (let start = 0; start < luma.length; start++) {
    if (luma[start]! <= limit) continue;
    const target = takeTarget(luma, width, height, { start, limit, stack });
    if (target !== undefined) targets.push(target);
  }
  targets.sort((a, b) => a.yPx - b.yPx);
  return { targets, beltLuma, contrast: bright - beltLuma };
}

/** Takes the connected bright pixels out of `luma`, and describes them by their moments. */
function takeTarget(
  luma: Uint8Array,
  width: number,
  height: number,
  { start, limit, stack }: { readonly start: number; readonly limit: number; readonly stack: Int32Array },
): Target | undefined {
  let depth = 0;
  let count = 0;
  const sum = { x: 0, y: 0, xx: 0, yy: 0, xy: 0 };
  let touchesEdge = false;
  const visit = (at: number): void => {
    if (luma[at]! <= limit) return;
    luma[at] = 0;
    stack[depth++] = at;
  };
  visit(start);
  while (depth > 0) {
    const at = stack[--depth]!;
    const x = at % width;
    const y = (at - x) / width;
    count++;
    sum.x += x;
    sum.y += y;
    sum.xx += x * x;
    sum.yy += y * y;
    sum.xy += x * y;
    const isAtEdge = x === 0 || y === 0 || x === width - 1 || y === height - 1;
    touchesEdge ||= isAtEdge;
    if (x > 0) visit(at - 1);
    if (x < width - 1) visit(at + 1);
    if (y > 0) visit(at - width);
    if (y < height - 1) visit(at + width);
  }
  if (count < pixelsMin) return undefined;
  const mean = { x: sum.x / count, y: sum.y / count };
  const xx = sum.xx / count - mean.x ** 2;
  const yy = sum.yy / count - mean.y ** 2;
  const xy = sum.xy / count - mean.x * mean.y;
  // The variance along an axis of an ellipse is a quarter of the semi-axis squared.
  const half = Math.hypot((xx - yy) / 2, xy);
  const major = 2 * Math.sqrt((xx + yy) / 2 + half);
  const minor = 2 * Math.sqrt(Math.max(0, (xx + yy) / 2 - half));
  return {
    xPx: mean.x + 0.5,
    yPx: mean.y + 0.5,
    diameterPx: 2 * Math.sqrt(major * minor),
    roundness: minor / major,
    fill: count / (Math.PI * major * minor),
    touchesEdge,
  };
}
