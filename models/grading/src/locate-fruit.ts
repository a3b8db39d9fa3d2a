/**
 * Finds the fruit in a frame of a line camera: cells of the frame that show no belt are joined into
 * components, components that can only be one fruit are merged (a band of rot as dark as the belt cuts a
 * fruit in two), and rays from outside find each fruit's edge, through which an ellipse is fitted.
 */
import { type Ellipse, fitEllipse } from './fit-ellipse.ts';
import type { Frame } from './frame.ts';
import { type FruitBlob, type FruitBox, outlineRays } from './fruit-blob.ts';
import { type Axes, castRays, connectCells, ellipseRadii, type MarkedCells, traceOutline } from './kernel.ts';
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
 * The frame must have the size that the background was made for.
 */
export function locateFruit(frame: Frame, background: LineBackground, geometry: LineGeometry): FruitBlob[] {
  const marked = background.look(frame);
  if (marked === undefined) return [];
  const components = componentsOf(marked);
  mergeWithinFruit(components, geometry, background.columns);
  const blobs: FruitBlob[] = [];
  for (const component of components) {
    if (component.cells < cellsMin) continue;
    const blob = outlineFruit(frame, background, geometry, component);
    if (blob !== undefined) blobs.push(blob);
  }
  return blobs.sort((a, b) => a.xPx - b.xPx);
}

/** Bounds in cells, both ends inside. */
interface Component {
  left: number;
  top: number;
  right: number;
  bottom: number;
  cells: number;
}

/** Components of marked cells (4 neighbours); uses up the marks. */
function componentsOf(marked: MarkedCells): Component[] {
  const all = connectCells(marked);
  const components: Component[] = [];
  for (let at = 0; at < all.length; at += 5) {
    const [left, top, right, bottom] = [all[at]!, all[at + 1]!, all[at + 2]!, all[at + 3]!];
    components.push({ left, top, right, bottom, cells: all[at + 4]! });
  }
  return components;
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

function outlineFruit(
  frame: Frame,
  background: LineBackground,
  geometry: LineGeometry,
  component: Component,
): FruitBlob | undefined {
  const cells = {
    left: component.left * cellPx,
    top: component.top * cellPx,
    right: (component.right + 1) * cellPx,
    bottom: (component.bottom + 1) * cellPx,
  };
  const touchesEdge =
    component.left === 0 ||
    component.top === 0 ||
    component.right === background.columns - 1 ||
    component.bottom === background.rows - 1;
  const diameterMinPx = (geometry.fruitDiameterMinMm / geometry.mmPerPx) * undersize;
  const across = Math.max(cells.right - cells.left, cells.bottom - cells.top);
  if (across < diameterMinPx && !touchesEdge) return undefined;
  const x = (cells.left + cells.right) / 2;
  const y = (cells.top + cells.bottom) / 2;
  const reachX = (cells.right - cells.left) / 2 + marginPx;
  const reachY = (cells.bottom - cells.top) / 2 + marginPx;
  const radii = castRays(x, y, reachX, reachY, touchesEdge ? outlineRays : fitRays);
  const ellipse = fitEllipse(radii) ?? inscribed(cells);
  if (2 * ellipse.semiMajor < diameterMinPx && !touchesEdge) return undefined;
  const xPx = x + ellipse.x;
  const yPx = y + ellipse.y;
  const axes = axesOf(ellipse);
  const box = boxOf(xPx, yPx, axes, frame);
  // Of a fruit that is cut off no view is taken: it needs no outline of its own.
  const outlinePx =
    touchesEdge && reachesEdge(box, frame)
      ? ellipseRadii(axes, outlineRays)
      : traceOutline(xPx, yPx, reachX, reachY, axes, outlineRays);
  return {
    lane: laneAt(geometry, yPx),
    xPx,
    yPx,
    radiusXPx: axes.radiusX,
    radiusYPx: axes.radiusY,
    semiMajorPx: ellipse.semiMajor,
    semiMinorPx: ellipse.semiMinor,
    areaPx: Math.PI * ellipse.semiMajor * ellipse.semiMinor,
    box,
    touchesEdge,
    outlinePx,
  };
}

function reachesEdge({ left, top, right, bottom }: FruitBox, { width, height }: Frame): boolean {
  return left === 0 || top === 0 || right === width || bottom === height;
}

function inscribed(box: FruitBox): Ellipse {
  const halfWidth = (box.right - box.left) / 2;
  const halfHeight = (box.bottom - box.top) / 2;
  const isWide = halfWidth >= halfHeight;
  return {
    x: 0,
    y: 0,
    semiMajor: isWide ? halfWidth : halfHeight,
    semiMinor: isWide ? halfHeight : halfWidth,
    angle: isWide ? 0 : Math.PI / 2,
  };
}

interface Extent extends Axes {
  readonly radiusX: number;
  readonly radiusY: number;
}

function axesOf({ semiMajor, semiMinor, angle }: Ellipse): Extent {
  const cosMajor = Math.cos(angle);
  const sinMajor = Math.sin(angle);
  return {
    semiMajor,
    semiMinor,
    cosMajor,
    sinMajor,
    radiusX: Math.sqrt((semiMajor * cosMajor) ** 2 + (semiMinor * sinMajor) ** 2),
    radiusY: Math.sqrt((semiMajor * sinMajor) ** 2 + (semiMinor * cosMajor) ** 2),
  };
}

function boxOf(xPx: number, yPx: number, { radiusX, radiusY }: Extent, frame: Frame): FruitBox {
  return {
    left: Math.max(0, Math.floor(xPx - radiusX)),
    top: Math.max(0, Math.floor(yPx - radiusY)),
    right: Math.min(frame.width, Math.ceil(xPx + radiusX)),
    bottom: Math.min(frame.height, Math.ceil(yPx + radiusY)),
  };
}
