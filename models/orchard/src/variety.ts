import { type Random, randomInt } from '@pomona/wire';

export type Rgb = readonly [number, number, number];

/** How a variety looks when nothing is wrong with it. Colours in sRGB, 0 to 255. */
export interface Variety {
  readonly name: string;
  /** Skin in the shade, and how it goes on turning as it ripens. */
  readonly ground: Rgb;
  readonly groundRipe: Rgb;
  /** Skin in the sun. */
  readonly blush: Rgb;
  /** Streaks from the cavity. */
  readonly streak: Rgb;
  /** Share of the skin that is blushed, low and high. */
  readonly blushShare: readonly [number, number];
  /** How hard the border between ground and blush is, 0 soft to 1. */
  readonly blushEdge: number;
  /** 0 none to 1 strongly streaked. */
  readonly streaks: number;
  /** Lenticels on the whole fruit, and their colour. */
  readonly lenticels: number;
  readonly lenticel: Rgb;
  /** Fine net of cork in the skin, 0 to 1. */
  readonly net: number;
  /** Cork that radiates from the stem's cavity, 0 to 1: usual, no defect. */
  readonly cavityCork: number;
  /** 0 waxy to 1 matte. */
  readonly matte: number;
}

const pale: Rgb = [232, 214, 160];
const cork: Rgb = [178, 140, 92];

export const varieties: readonly Variety[] = [
  {
    name: 'Gala',
    ground: [222, 196, 92],
    groundRipe: [236, 190, 84],
    blush: [196, 48, 38],
    streak: [168, 26, 30],
    blushShare: [0.5, 0.9],
    blushEdge: 0.3,
    streaks: 0.8,
    lenticels: 90,
    lenticel: pale,
    net: 0,
    cavityCork: 0.2,
    matte: 0.2,
  },
  {
    name: 'Fuji',
    ground: [212, 192, 84],
    groundRipe: [224, 186, 80],
    blush: [200, 60, 50],
    streak: [172, 36, 40],
    blushShare: [0.5, 0.85],
    blushEdge: 0.2,
    streaks: 0.7,
    lenticels: 120,
    lenticel: pale,
    net: 0,
    cavityCork: 0.3,
    matte: 0.4,
  },
  {
    name: 'Braeburn',
    ground: [170, 184, 66],
    groundRipe: [206, 186, 76],
    blush: [188, 40, 36],
    streak: [160, 24, 30],
    blushShare: [0.4, 0.8],
    blushEdge: 0.4,
    streaks: 0.6,
    lenticels: 100,
    lenticel: pale,
    net: 0,
    cavityCork: 0.2,
    matte: 0.2,
  },
  {
    name: 'Granny Smith',
    ground: [136, 182, 60],
    groundRipe: [162, 194, 70],
    blush: [176, 158, 72],
    streak: [140, 178, 60],
    blushShare: [0, 0.06],
    blushEdge: 0.1,
    streaks: 0,
    lenticels: 130,
    lenticel: [214, 226, 150],
    net: 0,
    cavityCork: 0,
    matte: 0.15,
  },
  {
    name: 'Golden Delicious',
    ground: [204, 206, 84],
    groundRipe: [232, 208, 88],
    blush: [230, 168, 84],
    streak: [222, 190, 90],
    blushShare: [0, 0.18],
    blushEdge: 0.1,
    streaks: 0,
    lenticels: 150,
    lenticel: [176, 150, 80],
    net: 0.12,
    cavityCork: 0.4,
    matte: 0.4,
  },
  {
    name: 'Red Delicious',
    ground: [190, 62, 40],
    groundRipe: [196, 58, 38],
    blush: [172, 24, 34],
    streak: [146, 12, 26],
    blushShare: [0.75, 1],
    blushEdge: 0.3,
    streaks: 0.5,
    lenticels: 110,
    lenticel: [206, 130, 110],
    net: 0,
    cavityCork: 0.1,
    matte: 0.1,
  },
  {
    name: 'Jonagold',
    ground: [212, 200, 80],
    groundRipe: [236, 202, 80],
    blush: [206, 70, 40],
    streak: [188, 44, 32],
    blushShare: [0.3, 0.7],
    blushEdge: 0.3,
    streaks: 0.6,
    lenticels: 90,
    lenticel: pale,
    net: 0,
    cavityCork: 0.3,
    matte: 0.25,
  },
  {
    name: 'Elstar',
    ground: [228, 204, 82],
    groundRipe: [240, 196, 80],
    blush: [214, 68, 44],
    streak: [196, 44, 36],
    blushShare: [0.35, 0.75],
    blushEdge: 0.3,
    streaks: 0.5,
    lenticels: 80,
    lenticel: pale,
    net: 0.05,
    cavityCork: 0.5,
    matte: 0.35,
  },
  {
    name: 'Cripps Pink',
    ground: [204, 208, 88],
    groundRipe: [228, 206, 90],
    blush: [226, 74, 84],
    streak: [208, 52, 68],
    blushShare: [0.4, 0.8],
    blushEdge: 0.4,
    streaks: 0.15,
    lenticels: 100,
    lenticel: [240, 214, 190],
    net: 0,
    cavityCork: 0.1,
    matte: 0.2,
  },
  {
    name: 'Cox',
    ground: [206, 178, 72],
    groundRipe: [226, 174, 72],
    blush: [208, 92, 46],
    streak: [186, 58, 36],
    blushShare: [0.3, 0.65],
    blushEdge: 0.2,
    streaks: 0.6,
    lenticels: 70,
    lenticel: cork,
    net: 0.2,
    cavityCork: 0.6,
    matte: 0.5,
  },
  {
    name: 'Idared',
    ground: [190, 204, 88],
    groundRipe: [222, 202, 92],
    blush: [186, 28, 40],
    streak: [160, 18, 34],
    blushShare: [0.55, 0.9],
    blushEdge: 0.6,
    streaks: 0.2,
    lenticels: 60,
    lenticel: [226, 180, 150],
    net: 0,
    cavityCork: 0.2,
    matte: 0.1,
  },
  {
    name: 'McIntosh',
    ground: [156, 190, 70],
    groundRipe: [190, 186, 72],
    blush: [176, 26, 46],
    streak: [150, 16, 40],
    blushShare: [0.5, 0.85],
    blushEdge: 0.5,
    streaks: 0.3,
    lenticels: 90,
    lenticel: [218, 170, 150],
    net: 0,
    cavityCork: 0.1,
    matte: 0.3,
  },
  {
    name: 'Topaz',
    ground: [226, 192, 70],
    groundRipe: [240, 184, 66],
    blush: [218, 74, 36],
    streak: [188, 40, 30],
    blushShare: [0.4, 0.8],
    blushEdge: 0.3,
    streaks: 0.9,
    lenticels: 60,
    lenticel: pale,
    net: 0,
    cavityCork: 0.3,
    matte: 0.25,
  },
  {
    name: 'Mutsu',
    ground: [178, 198, 74],
    groundRipe: [214, 206, 88],
    blush: [226, 172, 96],
    streak: [206, 194, 88],
    blushShare: [0, 0.25],
    blushEdge: 0.1,
    streaks: 0,
    lenticels: 120,
    lenticel: [238, 232, 180],
    net: 0,
    cavityCork: 0.3,
    matte: 0.3,
  },
  {
    name: 'Honeycrisp',
    ground: [226, 206, 92],
    groundRipe: [238, 198, 86],
    blush: [208, 58, 48],
    streak: [186, 40, 44],
    blushShare: [0.45, 0.85],
    blushEdge: 0.1,
    streaks: 0.4,
    lenticels: 140,
    lenticel: pale,
    net: 0,
    cavityCork: 0.3,
    matte: 0.3,
  },
];

/** Varieties that no model of ours has seen: for the scenario `new-variety`. */
export const newVarieties: readonly Variety[] = [
  {
    name: 'Arkansas Black',
    ground: [96, 22, 34],
    groundRipe: [84, 16, 32],
    blush: [58, 8, 26],
    streak: [44, 4, 22],
    blushShare: [0.6, 1],
    blushEdge: 0.3,
    streaks: 0.2,
    lenticels: 80,
    lenticel: [150, 96, 92],
    net: 0,
    cavityCork: 0,
    matte: 0.1,
  },
  {
    name: 'Egremont Russet',
    ground: [176, 150, 74],
    groundRipe: [190, 150, 72],
    blush: [176, 108, 58],
    streak: [166, 120, 64],
    blushShare: [0.2, 0.6],
    blushEdge: 0.1,
    streaks: 0,
    lenticels: 110,
    lenticel: [214, 186, 136],
    net: 0.95,
    cavityCork: 1,
    matte: 0.9,
  },
];

export function pickVariety(from: readonly Variety[], random: Random): Variety {
  return from[randomInt(random, from.length)]!;
}
