import { type Random, randomBetween, randomInt, randomNormal } from '@pomona/wire';
import type { DefectKind } from './truth.ts';

/** How often fruit of a harvest is sound, rotten, or something between; shares of all fruit. */
export interface HarvestMix {
  readonly sound: number;
  readonly rotten: number;
  /** Of the remaining fruit: share whose defect area is drawn around the middle of the range of `ok`. */
  readonly middling: number;
}

export const usualHarvest: HarvestMix = { sound: 0.44, rotten: 0.09, middling: 0.2 };
export const lateHarvest: HarvestMix = { sound: 0.15, rotten: 0.3, middling: 0.15 };

/** One spot, line or group of spots to paint, with the share of the surface that it should take. */
export interface PlannedDefect {
  readonly kind: DefectKind;
  readonly share: number;
}

/** Defect areas of one fruit: over the whole harvest log-uniform from 0.2 % to 50 %, without gaps at any limit. */
export function planDefects(mix: HarvestMix, random: Random): PlannedDefect[] {
  const specks = random.next() < 0.4 ? planSpecks(random) : [];
  const chance = random.next();
  if (chance < mix.sound) return specks;
  if (chance < mix.sound + mix.rotten) return [...planRot(random), ...specks];
  return [...planSkinDefects(skinShare(mix, random), random), ...specks];
}

function planSpecks(random: Random): PlannedDefect[] {
  return Array.from({ length: 1 + randomInt(random, 5) }, () => ({
    kind: 'speck' as const,
    share: randomBetween(random, 0.0001, 0.0005),
  }));
}

/** Rot spreads fast, so little rot is rare: log-normal around 9 %. */
function planRot(random: Random): PlannedDefect[] {
  const share = Math.min(0.6, Math.max(0.005, 0.09 * Math.exp(1.0 * randomNormal(random))));
  const spots = share > 0.03 && random.next() < 0.25 ? 2 : 1;
  const others = random.next() < 0.35 ? planSkinDefects(logUniform(random, 0.002, 0.05), random) : [];
  return [...others, ...split('rot', share, spots, random)];
}

function skinShare(mix: HarvestMix, random: Random): number {
  if (random.next() >= mix.middling) return logUniform(random, 0.002, 0.5);
  const position = (random.next() + random.next()) / 2;
  return 0.02 * (0.1 / 0.02) ** position;
}

function planSkinDefects(share: number, random: Random): PlannedDefect[] {
  const first = pickKind(share, random);
  if (share < 0.006 || random.next() < 0.55) return spots(first, share, random);
  const part = randomBetween(random, 0.2, 0.5) * share;
  return [...spots(first, share - part, random), ...spots(pickKind(part, random), part, random)];
}

/** Lines are thin: what is larger than they can be is a patch. */
function pickKind(share: number, random: Random): DefectKind {
  const chance = random.next();
  if (share < 0.012) {
    if (chance < 0.2) return 'crack';
    if (chance < 0.45) return 'track';
  }
  if (share < 0.02 && chance < 0.25) return 'track';
  const kinds = ['bruise', 'scab', 'russet'] as const;
  return kinds[randomInt(random, kinds.length)]!;
}

function spots(kind: DefectKind, share: number, random: Random): PlannedDefect[] {
  switch (kind) {
    case 'bruise':
      return split(kind, share, 1 + randomInt(random, share > 0.01 ? 3 : 1), random);
    case 'russet':
      return split(kind, share, 1 + randomInt(random, 3), random);
    case 'scab':
      return split(
        kind,
        share,
        Math.max(1, Math.round(randomBetween(random, 2, 9) * Math.min(1, share / 0.01))),
        random,
      );
    default:
      return [{ kind, share }];
  }
}

function split(kind: DefectKind, share: number, parts: number, random: Random): PlannedDefect[] {
  const weights = Array.from({ length: parts }, () => randomBetween(random, 0.3, 1));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => ({ kind, share: (share * weight) / total }));
}

function logUniform(random: Random, low: number, high: number): number {
  return low * (high / low) ** random.next();
}
