import type { Random } from './ports.ts';

/**
 * A small seeded generator (sfc32, Chris Doty-Humphrey, PractRand): passes BigCrush, 2^64 average period.
 * Streams that must not depend on each other get a `label` of their own.
 */
export function seededRandom(seed: number, label = ''): Random {
  let a = mix(seed >>> 0);
  let b = mix(Math.floor(seed / 0x1_0000_0000) ^ 0x9e3779b9);
  let c = 0x243f6a88;
  let counter = 1;
  for (let i = 0; i < label.length; i++) c = mix(c ^ label.charCodeAt(i));
  const next = (): number => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t;
    c |= 0;
    return (t >>> 0) / 0x1_0000_0000;
  };
  for (let i = 0; i < 12; i++) next();
  return { next };
}

function mix(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return x ^ (x >>> 15);
}

/** Integer in [0, below). */
export function randomInt(random: Random, below: number): number {
  return Math.floor(random.next() * below);
}

/** A copy in another order, each as likely (Fisher-Yates). */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const copy = [...items];
  for (let i = copy.length - 1; i > 0; i--) {
    const j = randomInt(random, i + 1);
    [copy[i], copy[j]] = [copy[j]!, copy[i]!];
  }
  return copy;
}

export function randomBetween(random: Random, low: number, high: number): number {
  return low + (high - low) * random.next();
}

/** Normal with mean 0 and deviation 1 (Box-Muller). */
export function randomNormal(random: Random): number {
  const u = 1 - random.next();
  return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * random.next());
}
