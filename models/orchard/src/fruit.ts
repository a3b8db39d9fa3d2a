import { type Random, randomBetween, randomInt, randomNormal, seededRandom } from '@pomona/wire';
import { type AppleShape, appleShape, shapeCount } from './apple-shape.ts';
import { paintDefect } from './paint-defect.ts';
import { type HarvestMix, planDefects, usualHarvest } from './plan-defects.ts';
import { planRoll, type RollPlan } from './roll.ts';
import { paintSkin, type Skin } from './skin.ts';
import { mapSide, mapStride, mapTexels } from './sphere-map.ts';
import { type DefectKind, defectKinds, type FruitTruth, truthOf } from './truth.ts';
import { pickVariety, type Rgb, type Variety, varieties } from './variety.ts';

/** One apple: its form, its painted skin, how it rolls, and what is true about it. */
export interface Fruit {
  readonly variety: string;
  readonly diameterMm: number;
  readonly shape: AppleShape;
  readonly skin: Skin;
  /** Per texel of the sphere map: 0, or 1 + the defect's place in `defectKinds`. */
  readonly defectOf: Uint8Array;
  readonly stem: Stem;
  readonly roll: RollPlan;
  readonly truth: FruitTruth;
}

/** A straight stem from the cavity's floor; lengths in radii of the fruit, body coordinates. */
export interface Stem {
  readonly root: readonly [number, number, number];
  readonly tip: readonly [number, number, number];
  readonly halfWidth: number;
  readonly colour: Rgb;
}

export interface FruitKinds {
  readonly varieties: readonly Variety[];
  readonly harvest: HarvestMix;
  /** Added to how ripe a fruit is (0 to 1 without it). */
  readonly ripening: number;
}

export const usualFruit: FruitKinds = { varieties, harvest: usualHarvest, ripening: 0 };

/** Fruit number `index` of the stream that `seed` and `stream` name. */
export function growFruit(
  seed: number,
  stream: string,
  index: number,
  kinds: FruitKinds = usualFruit,
): Fruit {
  const random = seededRandom(seed, `${stream}-${index}`);
  const variety = pickVariety(kinds.varieties, random);
  const diameterMm = Math.min(88, Math.max(62, 75 + 6 * randomNormal(random)));
  const shape = appleShape(randomInt(random, shapeCount));
  const ripeness = Math.min(1.2, randomBetween(random, 0, 1) + kinds.ripening);
  const skin = paintSkin(variety, ripeness, random);
  const defectOf = new Uint8Array(mapTexels);
  for (const plan of planDefects(kinds.harvest, random)) paintDefect({ skin, defectOf }, plan, random);
  copyApron(skin, defectOf);
  return {
    variety: variety.name,
    diameterMm,
    shape,
    skin,
    defectOf,
    stem: growStem(shape, random),
    roll: planRoll(diameterMm / 2, random),
    truth: truthOf(sharesOf(defectOf, shape)),
  };
}

function sharesOf(defectOf: Uint8Array, shape: AppleShape): Record<DefectKind, number> {
  const byNumber = new Float64Array(defectKinds.length + 1);
  for (let i = 0; i < mapTexels; i++) byNumber[defectOf[i]!]! += shape.area[i]!;
  return Object.fromEntries(defectKinds.map((kind, k) => [kind, byNumber[k + 1]!])) as Record<
    DefectKind,
    number
  >;
}

/** Lines are painted on the map alone: the apron takes over what is across the edge. */
function copyApron(skin: Skin, defectOf: Uint8Array): void {
  const last = mapSide + 1;
  for (let k = 1; k <= mapSide; k++) {
    const mirrored = last - k;
    copyTexel(skin, defectOf, mirrored * mapStride + 1, k * mapStride);
    copyTexel(skin, defectOf, mirrored * mapStride + mapSide, k * mapStride + last);
    copyTexel(skin, defectOf, mapStride + mirrored, k);
    copyTexel(skin, defectOf, mapSide * mapStride + mirrored, last * mapStride + k);
  }
}

function copyTexel(skin: Skin, defectOf: Uint8Array, from: number, to: number): void {
  skin.copyWithin(4 * to, 4 * from, 4 * from + 4);
  defectOf[to] = defectOf[from]!;
}

function growStem(shape: AppleShape, random: Random): Stem {
  const root = shape.cavityRadius - 0.03;
  const length = randomBetween(random, 0.2, 0.55);
  const lean = randomBetween(random, 0, 0.28);
  const around = randomBetween(random, 0, 2 * Math.PI);
  const brown = random.next();
  return {
    root: [0, 0, root],
    tip: [lean * Math.cos(around), lean * Math.sin(around), root + length],
    halfWidth: randomBetween(random, 0.022, 0.034),
    colour: [118 + 30 * brown, 106 + 4 * brown, 44 + 8 * brown],
  };
}
