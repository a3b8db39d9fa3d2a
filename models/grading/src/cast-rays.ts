import type { Frame } from './frame.ts';
import { type FruitBox, outlineRays } from './fruit-blob.ts';
import { cellPx, type LineBackground } from './line-background.ts';
import { stickOut } from './repair-outline.ts';
import { unitCircle } from './unit-circle.ts';

const rays = unitCircle(outlineRays);
const outside = -1;
const belt = 0;
const fruit = 1;

/**
 * For each ray, the distance from (x, y) to the outermost fruit within the box, two pixels of it in a row; NaN where the
 * frame's edge cuts the fruit, or there is none. With a `model` of the outline the rays start just beyond what is a stem
 * by that model, not at the box: what is further out, and where exactly a stem ends, is of no use.
 */
export function castRays(
  frame: Frame,
  background: LineBackground,
  box: FruitBox,
  x: number,
  y: number,
  model?: Float32Array,
): Float32Array {
  const radii = new Float32Array(outlineRays);
  const margin = cellPx + 1;
  const reachX = (box.right - box.left) / 2 + margin;
  const reachY = (box.bottom - box.top) / 2 + margin;
  const radiusMin = 0.35 * Math.min(reachX, reachY);
  for (let i = 0; i < outlineRays; i++) {
    const cos = rays.cos[i]!;
    const sin = rays.sin[i]!;
    const toBox = Math.min(reachX / Math.max(Math.abs(cos), 1e-6), reachY / Math.max(Math.abs(sin), 1e-6));
    const reach = model === undefined ? toBox : model[i]! * (1 + stickOut);
    const start = toBox - Math.max(0, Math.floor(toBox - reach));
    radii[i] = Number.NaN;
    // Inwards. Of two pixels in a row one is met by steps of two, and most of the way is belt: the other is looked at
    // only beside fruit, and where the ray enters the frame.
    for (let radius = start - 1; radius > radiusMin; radius -= 2) {
      const here = look(frame, background, x + radius * cos, y + radius * sin);
      if (here === belt) continue;
      const inner = look(frame, background, x + (radius - 1) * cos, y + (radius - 1) * sin);
      if (here === outside) {
        // The ray came in through the frame's edge and was on the fruit at once: it shows no edge of the fruit.
        if (inner === fruit) break;
        continue;
      }
      const outer = look(frame, background, x + (radius + 1) * cos, y + (radius + 1) * sin);
      if (outer === outside) break;
      if (outer === belt && (inner !== fruit || radius - 1 <= radiusMin)) continue;
      radii[i] = radius + (outer === fruit ? 1.5 : 0.5);
      break;
    }
  }
  return radii;
}

function look(frame: Frame, background: LineBackground, x: number, y: number): number {
  const px = Math.floor(x);
  const py = Math.floor(y);
  if (px < 0 || py < 0 || px >= frame.width || py >= frame.height) return outside;
  return background.isForeground(frame.data, px, py) ? fruit : belt;
}
