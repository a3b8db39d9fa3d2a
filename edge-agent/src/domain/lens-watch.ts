/**
 * Has the lens become dirty, or the light another? Seen by the fruit itself: views that are less sharp, darker or brighter than those
 * of the time when somebody last said that the lens is clean (or than the first that were seen). Medians over many fruits, because
 * one apple is smooth and the next one russet. It warns a person who stands beside the camera; the control plane's drift
 * statistics look closer and over longer times.
 */
import { type ViewFeatures, viewFeatures } from '@pomona/grading';

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
/** Between lots of fresh fruit sharpness moves by a third; dirt and fog take half of it and more. */
const sharpnessShareMin = 0.5;
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

  /** `view` uint8 [size, size, 3], RGB. Returns true when it completed the reference. */
  see(view: Uint8Array, size: number): boolean {
    const { sharpness, luma, coverage }: ViewFeatures = viewFeatures(view, size);
    if (coverage === 0) return false;
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
        ? [`fruit is ${lost(now.luma, usual.luma)} darker than it was`]
        : []),
      ...(now.luma > usual.luma * lumaShare.max
        ? [`fruit is ${lost(usual.luma, now.luma)} brighter than it was`]
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
