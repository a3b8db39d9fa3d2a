/**
 * Has the lens become dirty, or the light another? Seen by fruit that is less sharp, and by a belt that is darker or brighter, than
 * when somebody last said that the lens is clean (or than with the first fruit). Medians over many fruits, because one apple is
 * smooth and the next one russet; the belt for the light, because another variety may be three times as dark. It warns a person who
 * stands beside the camera; the control plane's drift statistics look closer and over longer times.
 */
import { viewFeatures } from '@pomona/grading';
import type { BeltColour } from './statistics-window.ts';

/** `sharpness` of fruit, as in `ViewFeatures`; `luma` of the belt, 0..255. */
export interface LensReference {
  readonly sharpness: number;
  readonly luma: number;
}

export interface LensCondition {
  readonly state: 'learning' | 'clean' | 'warning';
  /** What is wrong, in words; empty unless it warns. */
  readonly detail: string;
}

/** Fruits that make a reference, and those of which the present is made. */
const referenceFruits = 60;
const recentFruits = 30;
/** Of drawn fruit, medians of 30 keep three quarters from lot to lot and variety to variety; a dirty lens leaves 44 %. */
const sharpnessShareMin = 0.6;
const lumaShare = { min: 0.75, max: 1.35 };

export class LensWatch {
  #reference: LensReference | undefined;
  #recent: LensReference[] = [];
  #learned: LensReference[] = [];

  constructor(reference?: LensReference) {
    this.#reference = reference;
  }

  get reference(): LensReference | undefined {
    return this.#reference;
  }

  /** `view` uint8 [size, size, 3], RGB; `belt` behind it. Returns true when it completed the reference. */
  see(view: Uint8Array, size: number, belt: BeltColour): boolean {
    const { sharpness, coverage } = viewFeatures(view, size);
    if (coverage === 0) return false;
    const luma = 0.3 * belt.red + 0.59 * belt.green + 0.11 * belt.blue;
    this.#recent.push({ sharpness, luma });
    if (this.#recent.length > recentFruits) this.#recent.shift();
    if (this.#reference !== undefined) return false;
    this.#learned.push({ sharpness, luma });
    if (this.#learned.length < referenceFruits) return false;
    this.#reference = medianOf(this.#learned);
    this.#learned = [];
    return true;
  }

  /** Somebody cleaned it: what comes now is how it should be. */
  learnAnew(): void {
    this.#reference = undefined;
    this.#recent = [];
    this.#learned = [];
  }

  condition(): LensCondition {
    const usual = this.#reference;
    if (usual === undefined || this.#recent.length < recentFruits) return { state: 'learning', detail: '' };
    const now = medianOf(this.#recent);
    const troubles = [
      ...(now.sharpness < usual.sharpness * sharpnessShareMin
        ? [`the picture has lost ${lost(now.sharpness, usual.sharpness)} of its sharpness`]
        : []),
      ...(now.luma < usual.luma * lumaShare.min
        ? [`the belt is ${lost(now.luma, usual.luma)} darker than it was`]
        : []),
      ...(now.luma > usual.luma * lumaShare.max
        ? [`the belt is ${lost(usual.luma, now.luma)} brighter than it was`]
        : []),
    ];
    return { state: troubles.length === 0 ? 'clean' : 'warning', detail: troubles.join('; ') };
  }
}

function medianOf(values: readonly LensReference[]): LensReference {
  const middle = (of: (value: LensReference) => number): number =>
    values.map(of).sort((a, b) => a - b)[values.length >> 1]!;
  return { sharpness: middle(({ sharpness }) => sharpness), luma: middle(({ luma }) => luma) };
}

function lost(now: number, before: number): string {
  return `${Math.round((1 - now / before) * 100)} %`;
}
