/**
 * Finds the fruit in a frame of a line camera: cells of the frame that show no belt are joined into
 * components, components that can only be one fruit are merged (a band of rot as dark as the belt cuts a
 * fruit in two), and rays from outside find each fruit's edge, through which an ellipse is fitted.
 */
import type { WritableBlob } from './blob-pool.ts';
import { type Ellipse, emptyEllipse, fitEllipse } from './fit-ellipse.ts';
import type { Frame } from './frame.ts';
import { type FruitBlob, type FruitBox, outlineRays } from './fruit-blob.ts';
import {
  castRays,
  castRaysWithin,
  components as cellsOf,
  connectCells,
  ellipseRadii,
  spreadOutline,
  traceOutline,
  traceOutlineWithin,
} from './kernel.ts';
import { cellPx, type LineBackground } from './line-background.ts';
import { type LineGeometry, laneAt } from './line-geometry.ts';
import { type ClumpPart, type Cut, forgetLimited, limitRays, splitClump } from './split-clump.ts';
import { isUnlikeFruit } from './unlike-fruit.ts';

/** Components of fewer cells are dust, glints and fallen leaves. */
const cellsMin = 10;
/** Up to so many are sorted by plain insertion. */
const fewComponents = 64;
/** A fruit may look this much larger or smaller than the line's limits (stem, perspective, odd shapes). */
const oversize = 1.2;
const undersize = 0.6;
/** So many rays suffice for the ellipse of a fruit. */
const fitRays = 32;
/** What is more than so many times smaller than a fruit, and farther from it than so many cells, is no part of it. */
const crumbs = 8;
const nearCells = 3;
/** A single fruit is seldom longer than this, or covers less of its bounds; a whole fruit beside a sliver of another, at the frame's edge, may not be as long. */
const severalAspect = 1.35;
const withSliverAspect = 1.15;
const severalFill = 0.62;
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
  if (!background.look(frame)) return blobs.used();
  const components = componentsOf();
  splitClumps(components, background, geometry);
  mergeWithinFruit(components, geometry, background.columns);
  for (let i = 0; i < components.length; i++) {
    const component = components[i]!;
    if (component.cells < cellsMin) continue;
    const blob = blobs.next();
    if (outlineFruit(frame, background, geometry, component, blob)) blobs.keep();
  }
  return sortByPlace(blobs.used());
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
  /** Where others touch it that it hung together with. */
  cuts: readonly Cut[];
}

const noCuts: readonly Cut[] = [];

/** There for every frame anew, and those of them that the frame in hand has. */
const componentPool: Component[] = [];
const found: Component[] = [];

/** Components of marked cells (4 neighbours). */
function componentsOf(): Component[] {
  const count = connectCells();
  // Emptied it would take new room for every frame.
  if (found.length > count) found.length = count;
  for (let i = 0; i < count; i++) {
    const component = pooled(i);
    component.left = cellsOf[5 * i]!;
    component.top = cellsOf[5 * i + 1]!;
    component.right = cellsOf[5 * i + 2]!;
    component.bottom = cellsOf[5 * i + 3]!;
    component.cells = cellsOf[5 * i + 4]!;
    component.cuts = noCuts;
    found[i] = component;
  }
  return found;
}

function pooled(index: number): Component {
  componentPool[index] ??= { left: 0, top: 0, right: 0, bottom: 0, cells: 0, cuts: noCuts };
  return componentPool[index];
}

/** Puts the fruits of components that are more than one in their place. */
function splitClumps(components: Component[], background: LineBackground, geometry: LineGeometry): void {
  const { fruitDiameterMaxMm, fruitDiameterMinMm, mmPerPx } = geometry;
  const acrossMax = (fruitDiameterMaxMm / mmPerPx) * (oversize / cellPx);
  const radiusMinPx = fruitDiameterMinMm / mmPerPx / 2;
  const count = components.length;
  for (let i = 0; i < count; i++) {
    const component = components[i]!;
    if (!mayBeSeveral(component, background, acrossMax)) continue;
    const parts = splitClump(component, background.marked, background, radiusMinPx);
    for (let k = 0; k < parts.length; k++) {
      if (k > 0) components.push(pooled(components.length));
      putPart(parts[k]!, k === 0 ? component : components[components.length - 1]!);
    }
  }
}

function putPart(part: ClumpPart, to: Component): void {
  to.left = part.left;
  to.top = part.top;
  to.right = part.right;
  to.bottom = part.bottom;
  to.cells = part.cells;
  to.cuts = part.cuts;
}

/** Larger or longer than one fruit, or not full enough: what is examined costs time, most is one fruit at first sight. */
function mayBeSeveral(
  { left, top, right, bottom, cells }: Component,
  { columns }: LineBackground,
  acrossMax: number,
): boolean {
  if (cells < 2 * cellsMin) return false;
  const wide = right - left + 1;
  const high = bottom - top + 1;
  // A fruit that comes into view or leaves it is higher than wide.
  const isCut = left === 0 || right === columns - 1;
  return (
    Math.max(wide, high) > acrossMax ||
    wide > (isCut ? withSliverAspect : severalAspect) * high ||
    (high > severalAspect * wide && !isCut) ||
    cells < severalFill * wide * high
  );
}

/** Merges components of one lane whose common bounds are still no larger than one fruit, each with the nearest. In place. */
function mergeWithinFruit(components: Component[], geometry: LineGeometry, columns: number): void {
  sortBySize(components);
  const { fruitDiameterMaxMm, mmPerPx } = geometry;
  const acrossMax = (fruitDiameterMaxMm / mmPerPx) * (oversize / cellPx);
  let merged = 0;
  for (let k = 0; k < components.length; k++) {
    const part = components[k]!;
    let host: Component | undefined;
    let nearest = Number.POSITIVE_INFINITY;
    for (let i = 0; i < merged; i++) {
      const other = components[i]!;
      // Most lie too far from each other.
      if (!lieWithin(other, part, acrossMax)) continue;
      const gap = gapBetween(other, part);
      if (gap >= nearest || !fitsOneFruit(other, part, geometry, columns)) continue;
      host = other;
      nearest = gap;
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

/** In cells along the belt and across it, together; 0 where bounds overlap. */
function gapBetween(a: Component, b: Component): number {
  const along = Math.max(a.left, b.left) - Math.min(a.right, b.right) - 1;
  const across = Math.max(a.top, b.top) - Math.min(a.bottom, b.bottom) - 1;
  return Math.max(0, along) + Math.max(0, across);
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

/** So many cells across. */
function lieWithin(a: Component, b: Component, acrossMax: number): boolean {
  return (
    Math.max(a.right, b.right) - Math.min(a.left, b.left) + 1 <= acrossMax &&
    Math.max(a.bottom, b.bottom) - Math.min(a.top, b.top) + 1 <= acrossMax
  );
}

function fitsOneFruit(a: Component, b: Component, geometry: LineGeometry, columns: number): boolean {
  return (
    // A crumb far from a fruit, as the stalk of a leaf or of another fruit, must not stretch it.
    b.cells >= 4 &&
    (b.cells * crumbs >= a.cells || (a.cuts.length === 0 && areNear(a, b))) &&
    // What was cut apart was found to be two.
    (a.cuts.length === 0 || b.cuts.length === 0) &&
    mayBePartOf(a, b, geometry, columns) &&
    laneOf(a, geometry) === laneOf(b, geometry)
  );
}

function areNear(a: Component, b: Component): boolean {
  return (
    Math.max(b.left - a.right, a.left - b.right) <= nearCells &&
    Math.max(b.top - a.bottom, a.top - b.bottom) <= nearCells
  );
}

/**
 * Of two fruit, the one that is just coming into view is as small as a part of a fruit: what the edge cuts is no part of what it
 * does not cut. But a dark cavity may cut a piece off a fruit that is coming; it is smaller than any fruit.
 */
function mayBePartOf(a: Component, b: Component, geometry: LineGeometry, columns: number): boolean {
  if (isWhole(a, columns) === isWhole(b, columns)) return true;
  const cellsAcross = Math.min(b.right - b.left, b.bottom - b.top) + 1;
  return (
    isWhole(b, columns) && cellsAcross * cellPx * geometry.mmPerPx < geometry.fruitDiameterMinMm * undersize
  );
}

function isWhole(component: Component, columns: number): boolean {
  return component.left > 0 && component.right < columns - 1;
}

function laneOf(component: Component, geometry: LineGeometry): number {
  return laneAt(geometry, ((component.top + component.bottom + 1) * cellPx) / 2);
}

const cells = { left: 0, top: 0, right: 0, bottom: 0 };
/** Those that are cast for the fruit in hand. Numbers that are no whole ones: others are written over them. */
const rays = { x: 0.5, y: 0.5, reachX: 0.5, reachY: 0.5 };
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
  rays.x = (cells.left + cells.right) / 2;
  rays.y = (cells.top + cells.bottom) / 2;
  rays.reachX = (cells.right - cells.left) / 2 + marginPx;
  rays.reachY = (cells.bottom - cells.top) / 2 + marginPx;
  const isCut = component.cuts.length > 0;
  const found = isPart(component, background, geometry)
    ? undefined
    : fitEllipse(isCut ? castBetween(component.cuts) : castRays(rays, fitRays), fitted);
  const isFitted = found !== undefined;
  const ellipse = found ?? inscribed(cells, fitted);
  if (2 * ellipse.semiMajor < diameterMinPx && !touchesEdge) return false;
  measureAxes(ellipse);
  rays.x += ellipse.x;
  rays.y += ellipse.y;
  blob.xPx = rays.x;
  blob.yPx = rays.y;
  blob.lane = laneAt(geometry, blob.yPx);
  blob.radiusXPx = axes.radiusX;
  blob.radiusYPx = axes.radiusY;
  blob.semiMajorPx = ellipse.semiMajor;
  blob.semiMinorPx = ellipse.semiMinor;
  blob.areaPx = Math.PI * ellipse.semiMajor * ellipse.semiMinor;
  blob.touchesEdge = touchesEdge;
  writeBox(blob, frame);
  if (touchesEdge && reachesEdge(blob.box, frame)) {
    // Of a fruit that is cut off no view is taken: it needs no outline of its own.
    ellipseRadii(axes, blob.outlinePx);
    blob.unlikeFruit = false;
    return true;
  }
  if (isCut) {
    limitRays(blob.xPx, blob.yPx, component.cuts, limits);
    traceOutlineWithin(rays, axes, limits, blob.outlinePx);
  } else if (!isFitted || !spreadOutline(rays, ellipse, axes, blob.outlinePx))
    traceOutline(rays, axes, blob.outlinePx);
  blob.unlikeFruit = isUnlikeFruit(frame, blob, component.cells, background.marked, geometry);
  return true;
}

/** At an end of the frame, and shorter than any fruit: nobody asks more of it than where it is. */
function isPart({ left, right }: Component, { columns }: LineBackground, geometry: LineGeometry): boolean {
  const lengthMm = (right - left + 1) * cellPx * geometry.mmPerPx;
  return (left === 0 || right === columns - 1) && lengthMm < geometry.fruitDiameterMinMm;
}

const limits = new Float32Array(outlineRays);

/** Rays of a fruit that others touch; nothing is known of its edge where they do. */
function castBetween(cuts: readonly Cut[]): Float32Array {
  limitRays(rays.x, rays.y, cuts, limits);
  return forgetLimited(castRaysWithin(rays, limits), limits);
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
