/**
 * A square picture of a sphere: the octahedral map of Engelhardt and Dachsbacher (VMV 2008). The sphere is projected on
 * an octahedron whose lower half is folded out, so that finding a direction's texel takes one division and no
 * branch per face. +z, the stem, is the middle of the square, -z, the calyx, its four corners.
 *
 * Around the square lies an apron of one texel that repeats what is across the edge, so that four neighbours
 * can be blended anywhere.
 */

/** Texels along the square: one texel is at most 1.2 pixels of the largest fruit on the default line. */
export const mapSide = 160;
/** Row length of the stored map, with its apron. */
export const mapStride = mapSide + 2;
export const mapTexels = mapStride * mapStride;

export interface SphereMap {
  /** Unit direction of each texel. */
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly z: Float32Array;
  /** Solid angle of each texel, 0 in the apron; the sum is 4 pi. */
  readonly solidAngle: Float32Array;
}

export const sphereMap: SphereMap = makeSphereMap();

/** Where a direction of any length is in the map, in texels of the stored map; write to `at[0]` (column) and `at[1]` (row). */
export function mapPoint(x: number, y: number, z: number, at: Float64Array): void {
  const scale = 1 / (Math.abs(x) + Math.abs(y) + Math.abs(z));
  let u = x * scale;
  let v = y * scale;
  if (z < 0) {
    const folded = (1 - Math.abs(v)) * (u < 0 ? -1 : 1);
    v = (1 - Math.abs(u)) * (v < 0 ? -1 : 1);
    u = folded;
  }
  at[0] = (u + 1) * (mapSide / 2) + 1;
  at[1] = (v + 1) * (mapSide / 2) + 1;
}

function makeSphereMap(): SphereMap {
  const map = {
    x: new Float32Array(mapTexels),
    y: new Float32Array(mapTexels),
    z: new Float32Array(mapTexels),
    solidAngle: new Float32Array(mapTexels),
  };
  let total = 0;
  for (let row = 0; row < mapStride; row++) {
    for (let column = 0; column < mapStride; column++) {
      const isApron = row === 0 || column === 0 || row > mapSide || column > mapSide;
      const i = row * mapStride + column;
      const [x, y, z] = unfold(column, row);
      const length = Math.hypot(x, y, z);
      map.x[i] = x / length;
      map.y[i] = y / length;
      map.z[i] = z / length;
      // A face of the octahedron is 1/sqrt(3) from the centre; solid angle falls with the cube of the distance.
      map.solidAngle[i] = isApron ? 0 : length ** -3;
      total += map.solidAngle[i]!;
    }
  }
  for (let i = 0; i < mapTexels; i++) map.solidAngle[i]! *= (4 * Math.PI) / total;
  return map;
}

/** The point of the octahedron at the middle of a texel. */
function unfold(column: number, row: number): [number, number, number] {
  let u = (2 * (column - 0.5)) / mapSide - 1;
  let v = (2 * (row - 0.5)) / mapSide - 1;
  // Beyond an edge the map goes on mirrored.
  if (Math.abs(u) > 1) {
    u = Math.sign(u) * (2 - Math.abs(u));
    v = -v;
  }
  if (Math.abs(v) > 1) {
    v = Math.sign(v) * (2 - Math.abs(v));
    u = -u;
  }
  const z = 1 - Math.abs(u) - Math.abs(v);
  if (z >= 0) return [u, v, z];
  return [(1 - Math.abs(v)) * (u < 0 ? -1 : 1), (1 - Math.abs(u)) * (v < 0 ? -1 : 1), z];
}
