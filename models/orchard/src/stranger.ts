import { type LineGeometry, laneCentreYPx } from '@pomona/grading';
import { type Random, randomBetween, randomInt, seededRandom } from '@pomona/wire';

/** What a line shows beside fruit: a leaf or an empty cup on the belt, a hand that reaches in from the side. */
export const strangerKinds = ['leaf', 'cup', 'hand'] as const;
export type StrangerKind = (typeof strangerKinds)[number];

export interface Stranger {
  readonly id: number;
  readonly kind: StrangerKind;
  /** Of a hand: the one at whose side it reaches in, the first or the last. */
  readonly lane: number;
  /** Encoder position at which its middle is at the camera's exit edge; of a hand, which stays where it is, at which it reaches in farthest. */
  readonly positionMm: number;
  readonly offsetYPx: number;
  readonly lengthMm: number;
  readonly widthMm: number;
  /** Of its length, radians from +x towards +y. */
  readonly angle: number;
  /** sRGB under a lamp of gain 1. */
  readonly colour: readonly [number, number, number];
  /** Of a hand: where along the frame it is, as a share. */
  readonly alongShare: number;
}

const leafColours = [
  [58, 92, 38],
  [74, 112, 44],
  [96, 124, 56],
  [112, 104, 44],
  [116, 82, 44],
] as const;
const cupColours = [
  [176, 178, 176],
  [92, 96, 100],
  [52, 88, 148],
  [214, 208, 190],
] as const;
/** Skins and gloves. */
const handColours = [
  [206, 152, 122],
  [142, 96, 70],
  [72, 116, 190],
  [208, 212, 214],
] as const;

/** Hands come so seldom, in travel of the belt, and stay so long. */
const handEveryMm = 3600;
const handStaysMm = 700;

/** What lies on the belt with its front at `edgeMm`; see `Stranger.positionMm`. */
export function layStranger(
  kind: Exclude<StrangerKind, 'hand'>,
  id: number,
  lane: number,
  edgeMm: number,
  random: Random,
): Stranger {
  const isLeaf = kind === 'leaf';
  const lengthMm = isLeaf ? randomBetween(random, 52, 92) : randomBetween(random, 72, 88);
  const widthMm = isLeaf ? lengthMm * randomBetween(random, 0.42, 0.62) : lengthMm;
  const colours = isLeaf ? leafColours : cupColours;
  const angle = randomBetween(random, 0, 2 * Math.PI);
  const offsetYPx = randomBetween(random, -14, 14);
  const colour = colours[randomInt(random, colours.length)]!;
  const positionMm = edgeMm + lengthMm / 2;
  return { id, kind, lane, positionMm, offsetYPx, lengthMm, widthMm, angle, colour, alongShare: 0 };
}

/** The hand that is in the picture, if one is; `reach` is how far, 0 to 1. */
export function handAt(
  seed: number,
  geometry: LineGeometry,
  encoderMm: number,
): { hand: Stranger; reach: number } | undefined {
  const turn = Math.floor(encoderMm / handEveryMm);
  if (turn < 1) return undefined;
  const random = seededRandom(seed, `hand-${turn}`);
  const positionMm = turn * handEveryMm + randomBetween(random, handStaysMm, handEveryMm - handStaysMm);
  const away = Math.abs(encoderMm - positionMm) / (handStaysMm / 2);
  if (away >= 1) return undefined;
  const isTop = random.next() < 0.5;
  const hand: Stranger = {
    ...{ id: -turn, kind: 'hand', lane: isTop ? 0 : geometry.lanes - 1, positionMm, offsetYPx: 0 },
    lengthMm: randomBetween(random, 150, 200),
    widthMm: randomBetween(random, 72, 92),
    angle: (isTop ? Math.PI / 2 : -Math.PI / 2) + randomBetween(random, -0.35, 0.35),
    colour: handColours[randomInt(random, handColours.length)]!,
    alongShare: randomBetween(random, 0.2, 0.8),
  };
  return { hand, reach: Math.min(1, 1.6 * (1 - away)) };
}

/** Where it is in the frame. */
export function strangerPlace(
  stranger: Stranger,
  geometry: LineGeometry,
  encoderMm: number,
): { xPx: number; yPx: number } {
  const { frameWidthPx, mmPerPx } = geometry;
  return {
    xPx: frameWidthPx + (encoderMm - stranger.positionMm) / mmPerPx,
    yPx: laneCentreYPx(geometry, stranger.lane) + stranger.offsetYPx,
  };
}
