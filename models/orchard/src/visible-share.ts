import type { Fruit } from './fruit.ts';
import type { Rotation } from './roll.ts';
import { mapTexels } from './sphere-map.ts';
import { defectKinds } from './truth.ts';

const rotMark = defectKinds.indexOf('rot') + 1;
/** Every so many texels stand for the whole visible side; a prime, so that rows are not sampled in columns. */
const stride = 7;

/** Shares of what the camera sees of a fruit that are defect, and that are rot. */
export function visibleShares(fruit: Fruit, orientation: Rotation): { defect: number; rot: number } {
  if (fruit.truth.defectShare === 0) return { defect: 0, rot: 0 };
  const { surface, area } = fruit.shape;
  const x = orientation[6]!;
  const y = orientation[7]!;
  const z = orientation[8]!;
  let seen = 0;
  let defect = 0;
  let rot = 0;
  for (let i = 0; i < mapTexels; i++) {
    const mark = fruit.defectOf[i]!;
    if (mark === 0 && i % stride !== 0) continue;
    const facing = surface[4 * i + 1]! * x + surface[4 * i + 2]! * y + surface[4 * i + 3]! * z;
    if (facing <= 0) continue;
    const weight = facing * area[i]!;
    if (i % stride === 0) seen += weight;
    if (mark === 0) continue;
    defect += weight;
    if (mark === rotMark) rot += weight;
  }
  return { defect: defect / (seen * stride), rot: rot / (seen * stride) };
}
