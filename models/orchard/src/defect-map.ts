import { normalUnit, radiusUnit } from './apple-shape.ts';
import type { Fruit } from './fruit.ts';
import type { Rotation } from './roll.ts';
import { mapTexels, sphereMap } from './sphere-map.ts';
import { defectKinds } from './truth.ts';

const rotMark = defectKinds.indexOf('rot') + 1;

/** Where a crop lies over a fruit, in pixels of the frame: the crop's centre is this far from the fruit's. */
export interface CropPlace {
  readonly radiusPx: number;
  readonly offsetXPx: number;
  readonly offsetYPx: number;
  /** Side of the crop. */
  readonly sidePx: number;
}

/**
 * Writes where a view shows defects: for each cell of a grid over the crop, the share of it that is defect and the share
 * that is rot, uint8 [cells, cells, 2], 255 for the whole cell, into `out` from `offset`.
 */
export function writeDefectMap(
  fruit: Fruit,
  orientation: Rotation,
  place: CropPlace,
  cells: number,
  out: Uint8Array,
  offset = 0,
): void {
  out.fill(0, offset, offset + cells * cells * 2);
  if (fruit.truth.defectShare === 0) return;
  const sums = new Float32Array(cells * cells * 2);
  const { surface, area } = fruit.shape;
  const m = orientation;
  const cellsPerPx = cells / place.sidePx;
  // Area shares become cells by the surface of a sphere of the fruit's size.
  const cellsPerArea = 4 * Math.PI * (place.radiusPx * cellsPerPx) ** 2;
  for (let i = 0; i < mapTexels; i++) {
    const mark = fruit.defectOf[i]!;
    if (mark === 0) continue;
    const nx = surface[4 * i + 1]!;
    const ny = surface[4 * i + 2]!;
    const nz = surface[4 * i + 3]!;
    const facing = (nx * m[6]! + ny * m[7]! + nz * m[8]!) * normalUnit;
    if (facing <= 0) continue;
    const radius = surface[4 * i]! * radiusUnit * place.radiusPx;
    const dx = sphereMap.x[i]!;
    const dy = sphereMap.y[i]!;
    const dz = sphereMap.z[i]!;
    const x = radius * (m[0]! * dx + m[1]! * dy + m[2]! * dz) - place.offsetXPx;
    const y = radius * (m[3]! * dx + m[4]! * dy + m[5]! * dz) - place.offsetYPx;
    const column = Math.floor(x * cellsPerPx + cells / 2);
    const row = Math.floor(y * cellsPerPx + cells / 2);
    if (column < 0 || row < 0 || column >= cells || row >= cells) continue;
    const at = 2 * (row * cells + column);
    const covered = facing * area[i]! * cellsPerArea;
    sums[at]! += covered;
    if (mark === rotMark) sums[at + 1]! += covered;
  }
  for (let i = 0; i < sums.length; i++) out[offset + i] = Math.round(255 * Math.min(1, sums[i]!));
}
