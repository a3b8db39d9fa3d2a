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
    ground: [224, 196, 74],
    groundRipe: [238, 190, 68],
    blush: [204, 50, 38],
    streak: [184, 32, 32],
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
    ground: [216, 194, 70],
    groundRipe: [228, 186, 66],
    blush: [206, 62, 50],
    streak: [186, 42, 42],
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
    blush: [196, 42, 38],
    streak: [178, 30, 34],
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
    streak: [150, 186, 62],
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
    ground: [212, 208, 66],
    groundRipe: [236, 206, 66],
    blush: [236, 164, 66],
    streak: [226, 190, 72],
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
    ground: [204, 62, 40],
    groundRipe: [206, 58, 38],
    blush: [188, 28, 36],
    streak: [172, 20, 30],
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
    streak: [192, 48, 34],
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
    ground: [208, 208, 74],
    groundRipe: [232, 206, 76],
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
    ground: [214, 182, 60],
    groundRipe: [232, 176, 58],
    blush: [216, 92, 40],
    streak: [192, 62, 38],
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
    ground: [190, 204, 70],
    groundRipe: [222, 202, 74],
    blush: [196, 34, 42],
    streak: [180, 26, 38],
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
    blush: [190, 32, 52],
    streak: [174, 26, 48],
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
    streak: [194, 46, 32],
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
    ground: [182, 200, 58],
    groundRipe: [216, 206, 66],
    blush: [232, 168, 70],
    streak: [208, 194, 66],
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
    ground: [228, 206, 74],
    groundRipe: [240, 198, 70],
    blush: [208, 58, 48],
    streak: [192, 44, 44],
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
