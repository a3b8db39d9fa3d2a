/**
 * Finds the fruit in a frame of a line camera: cells of the frame that show no belt are joined into
 * components, components that can only be one fruit are merged (a band of rot as dark as the belt cuts a
 * fruit in two), and rays from outside find each fruit's edge, through which an ellipse is fitted.
 */
import type { WritableBlob } from './blob-pool.ts';
import { type Ellipse, emptyEllipse, fitEllipse } from './fit-ellipse.ts';
import type { Frame } from './frame.ts';
import { type FruitBlob, type FruitBox, outlineRays } from './fruit-blob.ts';
import { castRays, components as cellsOf, connectCells, ellipseRadii, traceOutline } from './kernel.ts';
import { cellPx, type LineBackground } from './line-background.ts';
import { type LineGeometry, laneAt } from './line-geometry.ts';

/** Components of fewer cells are dust, glints and fallen leaves. */
const cellsMin = 10;
/** Up to so many are sorted by plain insertion. */
const fewComponents = 64;
/** A fruit may look this much larger or smaller than the line's limits (stem, perspective, odd shapes). */
const oversize = 1.2;
const undersize = 0.6;
/** So many rays suffice for the ellipse of a fruit that the frame's edge does not cut. */
const fitRays = 32;
/** Rays begin so far outside of the cells that show fruit. */
const marginPx = cellPx + 1;

/**
 * The fruit in `frame`, from left to right. Teaches the background on the way: empty as long as it is still learning.
 * The frame must have the size that the background was made for. The next call with the same background writes over what
 * this one returns.
 */
export function locateFruit(
  frame: Frame,
  background: LineBackground,
  geometry: LineGeometry,
): readonly FruitBlob[] {
  const { blobs } = background;
  blobs.empty();
  if (!background.look(frame)) return blobs.used;
  const components = componentsOf();
  mergeWithinFruit(components, geometry, background.columns);
  for (const component of components) {
    if (component.cells < cellsMin) continue;
    const blob = blobs.next();
    if (outlineFruit(frame, background, geometry, component, blob)) blobs.keep(blob);
  }
  return sortByPlace(blobs.used);
}

/** In place, those at the same place as they were; there are few. */
function sortByPlace(blobs: WritableBlob[]): readonly FruitBlob[] {
  for (let i = 1; i < blobs.length; i++) {
    const moved = blobs[i]!;
    let at = i;
    for (; at > 0 && blobs[at - 1]!.xPx > moved.xPx; at--) blobs[at] = blobs[at - 1]!;
    blobs[at] = moved;
  }
  return blobs;
}

/** Bounds in cells, both ends inside. */
interface Component {
  left: number;
  top: number;
  right: number;
  bottom: number;
  cells: number;
}

/** There for every frame anew, and those of them that the frame in hand has. */
const componentPool: Component[] = [];
const found: Component[] = [];

/** Components of marked cells (4 neighbours). */
function componentsOf(): Component[] {
  const count = connectCells();
  found.length = 0;
  for (let i = 0; i < count; i++) {
    componentPool[i] ??= { left: 0, top: 0, right: 0, bottom: 0, cells: 0 };
    const component = componentPool[i]!;
    component.left = cellsOf[5 * i]!;
    component.top = cellsOf[5 * i + 1]!;
    component.right = cellsOf[5 * i + 2]!;
    component.bottom = cellsOf[5 * i + 3]!;
    component.cells = cellsOf[5 * i + 4]!;
    found.push(component);
  }
  return found;
}

/** Merges components of one lane whose common bounds are still no larger than one fruit. In place. */
function mergeWithinFruit(components: Component[], geometry: LineGeometry, columns: number): void {
  const cellsAcrossMax = (geometry.fruitDiameterMaxMm / geometry.mmPerPx) * (oversize / cellPx);
  sortBySize(components);
  let merged = 0;
  for (const part of components) {
    let host: Component | undefined;
    for (let i = 0; i < merged && host === undefined; i++) {
      const other = components[i]!;
      if (fitsOneFruit(other, part, geometry, cellsAcrossMax, columns)) host = other;
    }
    if (host === undefined) {
      components[merged++] = part;
      continue;
    }
    host.left = Math.min(host.left, part.left);
    host.top = Math.min(host.top, part.top);
    host.right = Math.max(host.right, part.right);
    host.bottom = Math.max(host.bottom, part.bottom);
    host.cells += part.cells;
  }
  components.length = merged;
}

/** Largest first, equal ones as they were. In place, since the library's copies them; they are few, or the frame shows no line. */
function sortBySize(components: Component[]): void {
  if (components.length > fewComponents) {
    components.sort((a, b) => b.cells - a.cells);
    return;
  }
  for (let i = 1; i < components.length; i++) {
    const moved = components[i]!;
    let at = i;
    for (; at > 0 && components[at - 1]!.cells < moved.cells; at--) components[at] = components[at - 1]!;
    components[at] = moved;
  }
}

function fitsOneFruit(
  a: Component,
  b: Component,
  geometry: LineGeometry,
  cellsAcrossMax: number,
  columns: number,
): boolean {
  return (
    // A crumb far from a fruit must not stretch it.
    b.cells >= 4 &&
    // Of two fruit, the one that is just coming into view is as small as a part of a fruit.
    isWhole(a, columns) === isWhole(b, columns) &&
    laneOf(a, geometry) === laneOf(b, geometry) &&
    Math.max(a.right, b.right) - Math.min(a.left, b.left) + 1 <= cellsAcrossMax &&
    Math.max(a.bottom, b.bottom) - Math.min(a.top, b.top) + 1 <= cellsAcrossMax
  );
}

function isWhole(component: Component, columns: number): boolean {
  return component.left > 0 && component.right < columns - 1;
}

function laneOf(component: Component, geometry: LineGeometry): number {
  return laneAt(geometry, ((component.top + component.bottom + 1) * cellPx) / 2);
}

const cells = { left: 0, top: 0, right: 0, bottom: 0 };
const fitted = emptyEllipse();
/** Of the ellipse that was fitted last. */
const axes = { semiMajor: 0.5, semiMinor: 0.5, cosMajor: 0.5, sinMajor: 0.5, radiusX: 0.5, radiusY: 0.5 };

/** Writes to `blob`; false where there is no fruit. */
function outlineFruit(
  frame: Frame,
  background: LineBackground,
  geometry: LineGeometry,
  component: Component,
  blob: WritableBlob,
): boolean {
  cells.left = component.left * cellPx;
  cells.top = component.top * cellPx;
  cells.right = (component.right + 1) * cellPx;
  cells.bottom = (component.bottom + 1) * cellPx;
  const touchesEdge =
    component.left === 0 ||
    component.top === 0 ||
    component.right === background.columns - 1 ||
    component.bottom === background.rows - 1;
  const diameterMinPx = (geometry.fruitDiameterMinMm / geometry.mmPerPx) * undersize;
  const across = Math.max(cells.right - cells.left, cells.bottom - cells.top);
  if (across < diameterMinPx && !touchesEdge) return false;
  const x = (cells.left + cells.right) / 2;
  const y = (cells.top + cells.bottom) / 2;
  const reachX = (cells.right - cells.left) / 2 + marginPx;
  const reachY = (cells.bottom - cells.top) / 2 + marginPx;
  const radii = castRays(x, y, reachX, reachY, touchesEdge ? outlineRays : fitRays);
  const ellipse = fitEllipse(radii, fitted) ?? inscribed(cells, fitted);
  if (2 * ellipse.semiMajor < diameterMinPx && !touchesEdge) return false;
  measureAxes(ellipse);
  blob.xPx = x + ellipse.x;
  blob.yPx = y + ellipse.y;
  blob.lane = laneAt(geometry, blob.yPx);
  blob.radiusXPx = axes.radiusX;
  blob.radiusYPx = axes.radiusY;
  blob.semiMajorPx = ellipse.semiMajor;
  blob.semiMinorPx = ellipse.semiMinor;
  blob.areaPx = Math.PI * ellipse.semiMajor * ellipse.semiMinor;
  blob.touchesEdge = touchesEdge;
  writeBox(blob, frame);
  // Of a fruit that is cut off no view is taken: it needs no outline of its own.
  if (touchesEdge && reachesEdge(blob.box, frame)) ellipseRadii(axes, blob.outlinePx);
  else traceOutline(blob.xPx, blob.yPx, reachX, reachY, axes, blob.outlinePx);
  return true;
}

function reachesEdge({ left, top, right, bottom }: FruitBox, { width, height }: Frame): boolean {
  return left === 0 || top === 0 || right === width || bottom === height;
}

function inscribed(box: FruitBox, out: Ellipse): Ellipse {
  const halfWidth = (box.right - box.left) / 2;
  const halfHeight = (box.bottom - box.top) / 2;
  const isWide = halfWidth >= halfHeight;
  out.x = 0;
  out.y = 0;
  out.semiMajor = isWide ? halfWidth : halfHeight;
  out.semiMinor = isWide ? halfHeight : halfWidth;
  out.angle = isWide ? 0 : Math.PI / 2;
  return out;
}

function measureAxes({ semiMajor, semiMinor, angle }: Ellipse): void {
  const cosMajor = Math.cos(angle);
  const sinMajor = Math.sin(angle);
  axes.semiMajor = semiMajor;
  axes.semiMinor = semiMinor;
  axes.cosMajor = cosMajor;
  axes.sinMajor = sinMajor;
  axes.radiusX = Math.sqrt((semiMajor * cosMajor) ** 2 + (semiMinor * sinMajor) ** 2);
  axes.radiusY = Math.sqrt((semiMajor * sinMajor) ** 2 + (semiMinor * cosMajor) ** 2);
}

function writeBox({ xPx, yPx, radiusXPx, radiusYPx, box }: WritableBlob, frame: Frame): void {
  box.left = Math.max(0, Math.floor(xPx - radiusXPx));
  box.top = Math.max(0, Math.floor(yPx - radiusYPx));
  box.right = Math.min(frame.width, Math.ceil(xPx + radiusXPx));
  box.bottom = Math.min(frame.height, Math.ceil(yPx + radiusYPx));
}
